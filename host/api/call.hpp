// One request to the admin API that has been let in, and its answer.
#pragma once

#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "api/scope.hpp"
#include "api/tenant_view.hpp"
#include "api/token.hpp"
#include "json/value.hpp"
#include "net/http_types.hpp"
#include "store/types.hpp"

namespace sluice::api {

struct call {
    std::map<std::string, std::string, std::less<>> path;  // what stands in the {places}
    std::string query;
    json::value body;    // null: there is none
    token_facts caller;  // without an id on routes that are open to everyone
    tenant_view view;    // what the caller may see; lists show nothing else
    // On routes that concern an execution: that one, which the caller may see.
    std::shared_ptr<const store::execution_detail> execution;
};

struct reply {
    net::http_response response;
    std::string created;  // id of what came to be, for the audit log
};
using answer_function = std::function<void(reply)>;

reply json_reply(int status, const json::value& body, std::string created = {});
// RFC 7807.
reply problem(int status, std::string_view detail);
// The status that fits the error's code. Its message is told, but for `internal` and `unavailable`:
// those are logged, and nobody outside needs to know.
reply problem_of(const base::error& why);

// Whether the body of a request is an object of nothing else; a member that is silently left out
// would be a wish that is not heard.
base::result<void> only_members(const json::value& body,
                                std::initializer_list<std::string_view> known);

}  // namespace sluice::api
