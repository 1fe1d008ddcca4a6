// The receiver's side of outbound messages. Salesforce sends each notification until it is
// acknowledged, for a day, in any order, sometimes twice, always under the same id.
#include <sluice/webhook_signature.hpp>
#include <string>
#include <string_view>

#include "api.hpp"
#include "salesforce.hpp"
#include "soap_message.hpp"

namespace sluice::salesforce {
namespace {

// The last three of 18 characters repeat the first 15 in another way.
constexpr std::size_t characters_that_count = 15;

bool is_same_id(std::string_view a, std::string_view b) {
    return is_id(a) && is_id(b) &&
           a.substr(0, characters_that_count) == b.substr(0, characters_that_count);
}

json event_of(const outbound_message& message, const notification& one) {
    const std::string id = one.fields.get_or("Id", "");
    const json content{{"notificationId", one.id},
                       {"organizationId", message.organization_id},
                       {"actionId", message.action_id},
                       {"type", one.type},
                       {"id", id},
                       {"fields", one.fields}};
    return json{{"body", content}, {"dedupe", one.id}, {"key", id}};
}

}  // namespace

task<json> connector::receive_outbound_message(context& ctx, const json& input) {
    const std::string& ours =
        checked_id(required_string(input, "organizationId"), "organizationId");
    const json& request = required_object(input, "request");
    if (!input["actionIds"].is_null()) required_array(input, "actionIds");
    const outbound_message message = read_outbound_message(raw_webhook_body(request));
    if (!is_same_id(message.organization_id, ours)) {
        throw failure(SLUICE_AUTH, "the message comes from another organization");
    }
    bool wanted = input["actionIds"].is_null();
    for (const json& id : input["actionIds"].items())
        wanted = wanted || (id.is_string() && is_same_id(id.as_string(), message.action_id));
    if (!wanted) throw failure(SLUICE_AUTH, "the message comes from another action");
    json events = json::array();
    json empty = json::array();
    for (const notification& one : message.notifications) {
        if (one.has_record()) {
            events.push(event_of(message, one));
        } else {
            empty.push(one.id);
        }
    }
    if (!empty.empty()) {
        ctx.log(log_level::warning,
                "Salesforce notified of records that were deleted before it sent the message",
                json{{"actionId", message.action_id}, {"notificationIds", empty}});
    }
    const json headers{{"content-type", "text/xml; charset=utf-8"}};
    co_return json{
        {"verified", true},
        {"events", events},
        {"acknowledge", json{{"status", 200}, {"headers", headers}, {"body", acknowledgement()}}}};
}

}  // namespace sluice::salesforce
