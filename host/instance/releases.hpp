// Which versions of each integration this host has: instances move between them.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "manifest/integration.hpp"
#include "store/store.hpp"

namespace sluice::instance {

// The kind of the lists in the store's configuration; the key is "namespace/name".
inline constexpr const char* release_kind = "integration";
// The kind of the manifests themselves, which never change; the key is the hash.
inline constexpr const char* version_kind = "flow_version";

struct release {
    std::string version;  // as its author counts
    std::string hash;     // of the content: what executions and instances name
};

// Of one integration, in the order in which they were applied; the newest is the last one.
class release_list {
  public:
    const std::vector<release>& all() const { return all_; }
    bool empty() const { return all_.empty(); }
    const release* newest() const { return all_.empty() ? nullptr : &all_.back(); }
    const release* find_hash(std::string_view hash) const;
    // The newest one with this version.
    const release* find_version(std::string_view version) const;
    // Applied now: it becomes the newest.
    void add(release one);
    // Known from somewhere else: becomes the oldest, when it is not there.
    void add_old(release one);

    std::string to_text() const;
    static base::result<release_list> parse(const std::string& text);

  private:
    std::vector<release> all_;
};
using release_lists = std::map<std::string, release_list>;  // by integration

// All lists. Blocks.
base::result<release_lists> read_releases(store::reader& from);

// The manifest with this hash; not_found when the store has none. Blocks.
base::result<std::shared_ptr<const manifest::integration>> read_version(store::reader& from,
                                                                        const std::string& hash);

}  // namespace sluice::instance
