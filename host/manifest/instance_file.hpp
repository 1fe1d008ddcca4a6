// One deployment of an integration for one customer, as its file declares it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "json/value.hpp"
#include "manifest/applied_file.hpp"
#include "manifest/integration.hpp"
#include "manifest/owner_file.hpp"

namespace sluice::manifest {

struct instance_file : applied_file {
    struct connection {
        std::string type;    // may be empty when the integration names it
        json::value fields;  // object without `type`
        // `{ $shared: OWNER/NAME }`: whose it is instead, as written; parse_shared() reads it.
        // Empty: it is the instance's own.
        std::string shared = {};
    };

    std::string name;  // [a-z0-9-]+, unique in the host
    std::string customer;
    std::string integration;  // "namespace/name"
    json::value config;       // object
    std::map<std::string, connection, std::less<>> connections;

    bool shares() const;  // any connection
};

// Everything in `instance` that does not fit `to`: unknown and missing names, wrong types.
// References count as fitting. Shared connections are looked up among `owners`.
std::vector<base::error> check_instance(const instance_file& instance, const integration& to,
                                        const sharing& owners = {});

// A shared connection of an instance that is not there, or not of the kind that `to` declares.
struct sharing_problem {
    std::string connection;  // the integration's name for it
    shared_reference of;
    std::string message, hint;
};
std::vector<sharing_problem> check_sharing(const instance_file& instance, const integration& to,
                                           const sharing& owners);

// One for each variable that `instance` gives under the name it had in an earlier version.
std::vector<base::error> rename_warnings(const instance_file& instance, const integration& to);

struct instance_values {
    json::value config;  // object: every declared name; defaults filled in, absent ones null
    // name -> {"type": .., fields..}; those that are shared are not among them.
    std::map<std::string, json::value, std::less<>> connections;
};

// All problems at once: each reference that cannot be read is one.
struct values_outcome {
    instance_values values;  // meaningful without problems only
    std::vector<base::error> problems;
};
values_outcome resolve_values(const instance_file& instance, const integration& of,
                              const environment& lookup);

}  // namespace sluice::manifest
