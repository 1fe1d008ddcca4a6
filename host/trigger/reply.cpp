#include "trigger/reply.hpp"

#include <algorithm>
#include <utility>

#include "base/ids.hpp"
#include "json/text.hpp"

namespace sluice::trigger {
namespace {

constexpr const char* retry_after_s = "5";
constexpr std::size_t longest_challenge = 200;

json::value execution_at(store::event_id id, const std::string& address, bool duplicate) {
    json::value made =
        json::value::object({{"execution", base::execution_id_text(id)}, {"address", address}});
    if (duplicate) made.set("duplicate", true);
    return made;
}

net::http_response with_address(int status, store::event_id id, const std::string& address,
                                bool duplicate) {
    const json::value body = execution_at(id, address, duplicate);
    net::http_response response = net::json_response(status, json::to_text(body));
    response.headers.set("Location", address);
    return response;
}

// What a refusing verifier asks for, if it can stand in a header.
std::string challenge_of(const base::error& why) {
    if (why.details_json.empty()) return {};
    const base::result<json::value> details = json::parse(why.details_json);
    if (!details || !details->is_object()) return {};
    std::string challenge = details->string_or("challenge", "");
    const bool printable =
        std::ranges::all_of(challenge, [](char c) { return c >= ' ' && c < 127; });
    return printable && challenge.size() <= longest_challenge ? challenge : std::string();
}

}  // namespace

net::http_response overload(int status, std::string_view detail) {
    net::http_response response = net::problem_response(status, {}, detail);
    response.headers.set("Retry-After", retry_after_s);
    return response;
}

net::http_response refusal_of(const base::error& why) {
    switch (why.code) {
        case base::error_code::auth: {
            net::http_response empty;
            empty.status = 401;
            const std::string challenge = challenge_of(why);
            if (!challenge.empty()) empty.headers.set("WWW-Authenticate", challenge);
            return empty;
        }
        case base::error_code::invalid_input:
            return net::problem_response(400, "The request cannot be verified");
        case base::error_code::unavailable:
        case base::error_code::rate_limited:
        case base::error_code::timeout:
        case base::error_code::cancelled:
            return overload(503, "the request cannot be verified at the moment");
        default:
            return net::problem_response(500, {}, "the request could not be verified");
    }
}

net::http_response paused() {
    net::http_response response = overload(503, "the webhook is paused");
    response.headers.set("Retry-After", "300");
    return response;
}

net::http_response not_running() {
    net::http_response response = overload(503, "the webhook is out of order");
    response.headers.set("Retry-After", "300");
    return response;
}

net::http_response no_such_webhook() {
    return net::problem_response(404, {}, "there is no webhook at this address");
}

net::http_response only_post() {
    net::http_response response = net::problem_response(405, {}, "webhooks take POST");
    response.headers.set("Allow", "POST");
    return response;
}

net::http_response accepted_reply(store::event_id id, const std::string& address) {
    return with_address(202, id, address, false);
}

net::http_response reply_to(const store::append_outcome& outcome, const std::string& address) {
    switch (outcome.what) {
        case store::append_outcome::kind::duplicate:
            return with_address(200, outcome.id, address, true);
        case store::append_outcome::kind::refused:
            return overload(503, outcome.reason);
        case store::append_outcome::kind::stored:
        case store::append_outcome::kind::stored_despite_key:
            break;
    }
    return accepted_reply(outcome.id, address);
}

net::http_response reply_to(const std::vector<store::append_outcome>& outcomes,
                            const std::function<std::string(store::event_id)>& address_of) {
    using kind = store::append_outcome::kind;
    json::value executions = json::value::array();
    bool any_is_new = outcomes.empty();
    for (const store::append_outcome& each : outcomes) {
        if (each.what == kind::refused) return overload(503, each.reason);
        const bool duplicate = each.what == kind::duplicate;
        any_is_new = any_is_new || !duplicate;
        executions.push(execution_at(each.id, address_of(each.id), duplicate));
    }
    const json::value body = json::value::object({{"executions", std::move(executions)}});
    return net::json_response(any_is_new ? 202 : 200, json::to_text(body));
}

net::http_response all_done() {
    net::http_response response = net::json_response(200, R"({"executions":[]})");
    response.headers.set("Sluice-Recorded", "none");
    return response;
}

}  // namespace sluice::trigger
