// The documents of customers and the organization, sealed in the store.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "instance/owners.hpp"
#include "instance/vault.hpp"
#include "store/store.hpp"

namespace sluice::instance {

// The kind of these records; the key is the owner's id.
inline constexpr const char* owner_kind = "owner";

// All functions block; any thread.
class kept_owners {
  public:
    // Both outlive it.
    kept_owners(store::store& store, vault& keys) : store_(store), vault_(keys) {}

    // All of them, not bound. An error names the one that cannot be read.
    base::result<owner_map> load() const;

    // What makes the store keep these, whatever it has of them; those that are null, it forgets,
    // with the tokens of their connections; of the others it drops tokens of connections that they
    // have no more. store::number_changes() is still to be called. Makes keys; vault::forget() is
    // to drop those of the forgotten.
    base::result<std::vector<store::config_change>> changes(const owner_map& wanted) const;

  private:
    base::result<store::config_change> sealed(const std::string& id, const owner& what) const;
    base::result<void> drop_tokens(const owner_map& wanted,
                                   std::vector<store::config_change>& into) const;

    store::store& store_;
    vault& vault_;
};

}  // namespace sluice::instance
