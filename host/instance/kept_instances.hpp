// The documents of applied instances, sealed in the store: an instance goes on without its file.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "instance/vault.hpp"
#include "manifest/instance_file.hpp"
#include "store/store.hpp"

namespace sluice::instance {

// The kind of these records; the key is the instance's name.
inline constexpr const char* instance_kind = "instance";

// Immutable once it is shared.
struct kept_instance {
    // Complete: nothing in it depends on where a file lies.
    manifest::instance_file file;
    std::string version;        // hash of the manifest it runs
    std::string previous = {};  // the one before the last change of the version; empty: none
    bool paused = false;        // nothing of it starts
    bool removing = false;      // it is to go: its undeploy flows run, then it is forgotten

    bool operator==(const kept_instance& other) const {
        return file.document == other.file.document && version == other.version &&
               previous == other.previous && paused == other.paused && removing == other.removing;
    }
};
using kept_ptr = std::shared_ptr<const kept_instance>;
using kept_map = std::map<std::string, kept_ptr>;  // by name

// All functions block; any thread.
class kept_instances {
  public:
    // Both outlive it.
    kept_instances(store::store& store, vault& keys) : store_(store), vault_(keys) {}

    // All of them. An error names the instance that cannot be read.
    base::result<kept_map> load() const;

    // What makes the store keep these, whatever it has of them; store::number_changes() is still
    // to be called. Makes their keys.
    base::result<std::vector<store::config_change>> changes(const kept_map& wanted) const;

  private:
    base::result<kept_instance> open(const store::config_record& record) const;
    base::result<store::config_change> sealed(const std::string& name,
                                              const kept_instance& what) const;

    store::store& store_;
    vault& vault_;
};

// Removes document, addresses, their keys, and the key of an instance, in one
// transaction with `record`. Reads the store first (blocks). `finished` as that of the store.
void forget_instance(store::store& from, vault& keys, const std::string& instance,
                     store::config_change record, vault::done finished);

}  // namespace sluice::instance
