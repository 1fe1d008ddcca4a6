#include "engine/fault.hpp"

#include <utility>

#include "json/schema.hpp"
#include "manifest/task.hpp"
#include "net/egress_refusal.hpp"

namespace sluice::engine {
namespace {

struct mapping {
    std::string_view name;
    int status;
    std::string_view title;
};

mapping map_code(base::error_code code) {
    switch (code) {
        case base::error_code::invalid_input:
            return {"validation", 400, "Invalid input"};
        case base::error_code::auth:
            return {"authentication", 401, "Credentials refused"};
        case base::error_code::not_found:
            return {"communication", 404, "Not found"};
        case base::error_code::conflict:
            return {"communication", 409, "Conflict"};
        case base::error_code::rate_limited:
            return {"communication", 429, "Rate limited"};
        case base::error_code::unavailable:
            return {"communication", 503, "Unavailable"};
        case base::error_code::timeout:
            return {"timeout", 408, "Timed out"};
        case base::error_code::cancelled:
            return {"runtime", 500, "Cancelled"};
        case base::error_code::unsupported:
            return {"configuration", 400, "Not supported"};
        case base::error_code::ok:
        case base::error_code::internal:
            break;
    }
    return {"runtime", 500, "Internal error"};
}

}  // namespace

json::value fault::to_json() const {
    json::value object = json::value::object({{"type", type}, {"status", status}});
    if (!title.empty()) object.set("title", title);
    if (!detail.empty()) object.set("detail", detail);
    object.set("instance", instance);
    if (retry_after_ms > 0) object.set("retryAfterMs", retry_after_ms);
    return object;
}

fault fault::from_json(const json::value& object) {
    fault out;
    out.type = object.string_or("type", manifest::standard_error_type("runtime"));
    out.status = static_cast<int>(object.int_or("status", 500));
    out.title = object.string_or("title", "");
    out.detail = object.string_or("detail", "");
    out.instance = object.string_or("instance", "");
    out.retry_after_ms = object.int_or("retryAfterMs", 0);
    return out;
}

fault fault_of_call(const base::error& failure, int http_status, std::string instance) {
    mapping standard = map_code(failure.code);
    const bool guarded = failure.details_json == net::refused_by_guard;
    if (guarded) standard = {"authorization", 403, "Address not allowed"};
    fault out;
    out.type = manifest::standard_error_type(standard.name);
    out.status = http_status != 0 ? http_status : standard.status;
    out.title = standard.title;
    if (guarded) out.detail = "the host's egress guard refused the request: ";
    out.detail += failure.message;
    if (!failure.hint.empty()) out.detail += " (" + failure.hint + ")";
    out.instance = std::move(instance);
    out.retry_after_ms = failure.retry_after_ms;
    return out;
}

fault stopping_fault() {
    fault out;
    out.type = manifest::standard_error_type("runtime");
    out.title = "Stopped";
    out.cancelled = true;
    return out;
}

std::optional<fault> fault_of_schema(const json::schema& schema, const json::value& content,
                                     const char* what, std::string instance) {
    const std::vector<json::violation> found = schema.validate(content);
    if (found.empty()) return std::nullopt;
    fault out;
    out.type = manifest::standard_error_type("validation");
    out.status = 400;
    out.title = std::string("The ") + what + " does not fit its schema";
    out.detail = json::explain(found);
    out.instance = std::move(instance);
    return out;
}

fault fault_of_expression(const base::error& failure, std::string instance) {
    fault out;
    out.type = manifest::standard_error_type("expression");
    out.status = 400;
    out.title = "Expression failed";
    out.detail = failure.to_text();
    out.instance = std::move(instance);
    return out;
}

}  // namespace sluice::engine
