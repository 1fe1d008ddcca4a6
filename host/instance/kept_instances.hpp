// The documents of applied instances, sealed in the store: an instance goes on without its file.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "instance/vault.hpp"
#include "manifest/instance_file.hpp"
#include "store/store.hpp"

namespace sluice::instance {

// The kind of these records; the key is the instance's name.
inline constexpr const char* instance_kind = "instance";
inline constexpr const char* endpoint_kind = "endpoint";

struct kept_instance {
    manifest::instance_file file;
    std::string version;  // hash of the manifest it runs
};

// Functions block; before the loop runs.
class kept_instances {
  public:
    // Both outlive it.
    kept_instances(store::store& store, vault& keys) : store_(store), vault_(keys) {}

    // All of them by name. An error names the instance that cannot be read.
    base::result<std::map<std::string, kept_instance>> load();

    // Writes those that are new or changed, all or nothing. Their documents are complete: nothing
    // in them depends on where a file lies. After load().
    base::result<void> keep(const std::map<std::string, kept_instance>& wanted);

  private:
    base::result<void> prepare(const std::vector<std::string>& names);
    base::result<kept_instance> open(const store::config_record& record);
    base::result<store::config_change> sealed(const std::string& name, const kept_instance& what);

    store::store& store_;
    vault& vault_;
    struct stored {
        std::uint64_t record = 0;  // its version in the store
        std::string document;      // as text
        std::string version;
    };
    std::map<std::string, stored> known_;
};

// Removes document, addresses, their keys and the key of an instance, in one transaction with
// `record`. Reads the store first (blocks). `finished` as that of the store.
void forget_instance(store::store& from, vault& keys, const std::string& instance,
                     store::config_change record, vault::done finished);

}  // namespace sluice::instance
