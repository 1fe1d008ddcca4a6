// Objects of Salesforce's Tooling API, which describe the organization itself. They are known by
// their full names ("Account.Sluice_Accounts"), by which queries cannot look for them.
#pragma once

#include <sluice/connector.hpp>
#include <string>
#include <string_view>

#include "api.hpp"

namespace sluice::salesforce {

// The records that the query finds.
task<json> tooling_query(const api& salesforce, std::string query);
// Whether Salesforce takes both for the same: API names are known without their case.
bool is_same_name(std::string_view a, std::string_view b);
// The one of this type and full name with its Metadata; null when there is none. `name` is what
// its field Name says.
task<json> find_tooling(const api& salesforce, std::string type, std::string name,
                        std::string full_name);
// Returns the new one's id.
task<std::string> create_tooling(const api& salesforce, std::string type, std::string full_name,
                                 json metadata);
task<void> change_tooling(const api& salesforce, std::string type, std::string id, json metadata);
// Nothing happens when it is not there any more.
task<void> delete_tooling(const api& salesforce, std::string type, std::string id);

}  // namespace sluice::salesforce
