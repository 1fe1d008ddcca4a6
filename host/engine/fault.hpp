// A fault of a flow: the problem object of the Open Workflow Specification (RFC 7807 members).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "json/value.hpp"

namespace sluice::json {
class schema;
}

namespace sluice::engine {

struct fault {
    std::string type;  // a URI
    int status = 500;
    std::string title;
    std::string detail;               // may be empty
    std::string instance;             // JSON pointer of the task in the flow's definition
    std::int64_t retry_after_ms = 0;  // 0: the other side said nothing
    bool cancelled = false;           // the host stops the execution; nothing may catch this

    // {type, status, title?, detail?, instance}, and retryAfterMs when known.
    json::value to_json() const;
    static fault from_json(const json::value& object);
};

// The fault of a failed connector call or request. `http_status` 0: the third party gave none. What
// the egress guard refuses is `authorization`.
fault fault_of_call(const base::error& failure, int http_status, std::string instance);

// Ends an execution that the host stops; no catch takes it and nothing records it.
fault stopping_fault();

// The fault of a value that does not fit its schema; nothing when it fits. `what` is "input",
// "output" ...
std::optional<fault> fault_of_schema(const json::schema& schema, const json::value& content,
                                     const char* what, std::string instance);

// The fault of a failed expression or template.
fault fault_of_expression(const base::error& failure, std::string instance);

}  // namespace sluice::engine
