#include <unordered_set>

#include "api.hpp"
#include "github.hpp"
#include "pages.hpp"

namespace sluice::github {
namespace {

url deliveries_of(const api& github, const json& input) {
    return github.repository(input)
        .path("/hooks")
        .segment(id_text(input, "webhook"))
        .path("/deliveries");
}

bool has_failed(const json& delivery) {
    const std::int64_t status = delivery.get_or("status_code", 0);
    return status < 200 || status > 399;
}

// The part of a time such as 2026-01-31T12:00:00Z that orders as text; empty when absent.
std::string since_of(const json& input) {
    if (input["since"].is_null()) return {};
    const std::string& since = required_string(input, "since");
    const bool is_utc = since.size() >= 20 && since[10] == 'T' && since.ends_with('Z');
    if (!is_utc) {
        throw failure(SLUICE_INVALID_INPUT, "'since' must be like 2026-01-31T12:00:00Z");
    }
    return since.substr(0, 19);
}

}  // namespace

// GitHub lists the newest first. So by the time that a failed delivery turns up, a later delivery
// of the same event that worked has been seen.
task<json> connector::list_failed_deliveries(context& ctx, const json& input) {
    const api github(ctx);
    const std::string since = since_of(input);
    pages list(github, deliveries_of(github, input), input, 500);
    std::unordered_set<std::string> settled;  // events that arrived, or are in `failed`
    json::array_type failed;
    while (list.more()) {
        task<json> fetched = list.next();
        const json page = co_await fetched;
        for (const json& delivery : page.items()) {
            if (delivery.get_or("delivered_at", "").substr(0, 19) < since) {
                list.stop();
                break;
            }
            const bool is_new = settled.insert(delivery.get_or("guid", "")).second;
            if (is_new && has_failed(delivery)) failed.push_back(delivery);
        }
    }
    co_return json{{"deliveries", json::array(std::move(failed))}, {"nextCursor", list.cursor()}};
}

task<json> connector::redeliver(context& ctx, const json& input) {
    const api github(ctx);
    const url attempts =
        deliveries_of(github, input).segment(id_text(input, "delivery")).path("/attempts");
    task<json> sent = github.send("POST", attempts);
    co_await sent;
    co_return json{{"accepted", true}};
}

}  // namespace sluice::github
