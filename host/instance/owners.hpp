// Customers and the organization as the host runs with them: their connections with the secrets
// in them, for the instances that share them.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "engine/bound_flow.hpp"
#include "instance/owner_id.hpp"
#include "instance/secret_fields.hpp"
#include "manifest/instance_file.hpp"
#include "manifest/owner_file.hpp"

namespace sluice::instance {

// Immutable once it is shared.
struct owner {
    manifest::owner_file file;  // complete: nothing in it depends on where a file lies
    // JSON text of each connection, secrets included, by name; or why its references cannot be
    // read. Empty until it is bound.
    std::map<std::string, base::result<std::string>, std::less<>> connections;
    // What must not be shown of these connections: `hidden` and `fetched` of no flow.
    std::shared_ptr<const engine::bound_flow> secrets = {};
};
using owner_ptr = std::shared_ptr<const owner>;
using owner_map = std::map<std::string, owner_ptr>;  // by id (owner_id.hpp)

// Reads the environment and files that the values refer to (blocks), and hides the secrets. What
// cannot be read goes to `problems`, each with its place, and is left out of nothing else.
owner_ptr bind_owner(manifest::owner_file file, const manifest::environment& lookup,
                     const secret_fields& known, std::vector<base::error>& problems);

// Null: it is not there.
const owner* find_owner(const owner_map& all, const std::string& id);
// Whose connections an instance of the customer may use. Valid as long as `all` is.
manifest::sharing sharing_of(const owner_map& all, const std::string& customer);

// Where a shared connection of an instance comes from.
engine::shared_connection origin_of(const manifest::instance_file& instance,
                                    const manifest::shared_reference& of);
// Whether the instance uses a connection of this owner.
bool uses(const manifest::instance_file& instance, const std::string& owner);

// The document of an instance with what its shared connections are in their places: what is
// deployed. Those that are not there stay as they are written.
json::value with_shared(const manifest::instance_file& instance, const owner_map& owners);

}  // namespace sluice::instance
