// What a customer or the organization brings for its instances: connections that they share.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "json/value.hpp"
#include "manifest/applied_file.hpp"

namespace sluice::manifest {

struct owner_file : applied_file {
    struct connection {
        std::string connector;
        std::string type;
        json::value fields;  // object without `connector` and `type`
    };

    std::string customer;  // [a-z0-9-]+; empty: the organization
    std::string title;     // may be empty
    json::value labels;    // object of texts
    std::map<std::string, connection, std::less<>> connections;

    bool is_organization() const { return customer.empty(); }
    // `customer "acme"`, `the organization`
    std::string to_text() const;
};

// What `{ $shared: customer/NAME }` or `{ $shared: organization/NAME }` means.
struct shared_reference {
    bool of_organization = false;  // else: of the instance's own customer
    std::string name;
};
std::optional<shared_reference> parse_shared(std::string_view text);

// The owners whose connections an instance may use: there is no way to name another customer.
struct sharing {
    const owner_file* customer = nullptr;  // the instance's own
    const owner_file* organization = nullptr;
    // Whether an owner that is null is not there; false: it is not known, and nothing is said.
    bool complete = false;

    const owner_file* find(const shared_reference& of) const {
        return of.of_organization ? organization : customer;
    }
};

// A connection's object, {"type": .., fields..}, with what its references refer to; or why they
// cannot be read.
using owner_connections = std::map<std::string, base::result<json::value>, std::less<>>;  // by name
// Blocks: reads files. All problems at once go to `problems`, those in the map included.
owner_connections resolve_connections(const owner_file& owner, const environment& lookup,
                                      std::vector<base::error>& problems);

}  // namespace sluice::manifest
