// What a change would do, in words.
#pragma once

#include <string>
#include <vector>

#include "instance/kept_instances.hpp"
#include "instance/releases.hpp"
#include "manifest/integration.hpp"
#include "manifest/owner_file.hpp"

namespace sluice::instance {

struct planned {
    enum class kind_of { integration, customer, organization, instance };
    enum class change_kind { none, create, update, upgrade };
    kind_of kind = kind_of::instance;
    std::string object;  // its name; empty: the organization
    change_kind change = change_kind::none;
    std::vector<std::string> details;  // sentences
};
const char* to_string(planned::kind_of kind);
const char* to_string(planned::change_kind change);

// `before`: what is known of it.
planned plan_of(const manifest::integration& applied, const release_list& before);

// `before`: null when there is none.
planned plan_of(const manifest::owner_file& applied, const manifest::owner_file* before);

// An instance as it is to be, and as it is. Documents are those that are deployed: with_shared().
struct planned_instance {
    const kept_instance* before = nullptr;                  // null: there is none
    const manifest::integration* before_version = nullptr;  // null: it is not known
    const kept_instance& after;
    const manifest::integration& version;
    bool failed = false;  // its last deployment did
};
planned plan_of(const planned_instance& one);

}  // namespace sluice::instance
