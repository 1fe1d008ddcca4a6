#include "deliveries.hpp"

#include <algorithm>
#include <set>
#include <string>

#include "github.hpp"
#include "pages.hpp"

namespace sluice::github {
namespace {

url deliveries_of(const api& github, const json& input) {
    return github.hooks(input).segment(id_text(input, "webhook")).path("/deliveries");
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

// Events of which the newest delivery has been seen. GitHub lists the newest first, so by the time
// that a failed delivery turns up, a later one of the same event that worked is known; also when
// that was in an earlier run: those whose older deliveries are still to come travel in the cursor,
// after the query ("page=2#GUID,GUID").
class seen_events {
  public:
    // Takes its part out of the input's cursor.
    explicit seen_events(json& input) {
        if (!input["cursor"].is_string()) return;
        const std::string cursor = input["cursor"].as_string();
        const std::size_t mark = cursor.find('#');
        if (mark == cursor.npos) return;
        input.set("cursor", cursor.substr(0, mark));
        for (std::size_t at = mark + 1; at < cursor.size();) {
            const std::size_t end = std::min(cursor.find(',', at), cursor.size());
            open_.insert(cursor.substr(at, end - at));
            at = end + 1;
        }
    }

    // False when a newer delivery of the same event has been seen.
    bool is_newest(const json& delivery) {
        const std::string guid = delivery.get_or("guid", "");
        const bool newest = !open_.contains(guid) && !ended_.contains(guid);
        // The first delivery of an event is the last one in the list.
        const bool is_first =
            delivery["redelivery"].is_bool() && !delivery.get_or("redelivery", true);
        if (is_first) {
            open_.erase(guid);
            ended_.insert(guid);
        } else {
            open_.insert(guid);
        }
        return newest;
    }

    json cursor(const json& query) const {
        if (!query.is_string() || open_.empty()) return query;
        std::string text = query.as_string();
        char before = '#';
        for (const std::string& guid : open_) {
            text += before + guid;
            before = ',';
        }
        return json(std::move(text));
    }

  private:
    std::set<std::string> open_;  // older deliveries may follow
    std::set<std::string> ended_;
};

}  // namespace

task<json> failed_deliveries(const api& github, json input) {
    seen_events seen(input);
    const std::string since = since_of(input);
    pages list(github, deliveries_of(github, input), input, 500);
    json::array_type failed;
    while (list.more()) {
        task<json> fetched = list.next();
        const json page = co_await fetched;
        for (const json& delivery : page.items()) {
            if (delivery.get_or("delivered_at", "").substr(0, 19) < since) {
                list.stop();
                break;
            }
            if (seen.is_newest(delivery) && has_failed(delivery)) failed.push_back(delivery);
        }
    }
    co_return json{{"deliveries", json::array(std::move(failed))},
                   {"nextCursor", seen.cursor(list.cursor())}};
}

task<void> deliver_again(const api& github, json input) {
    const url attempts =
        deliveries_of(github, input).segment(id_text(input, "delivery")).path("/attempts");
    task<json> sent = github.send("POST", attempts);
    co_await sent;
}

task<json> connector::list_failed_deliveries(context& ctx, const json& input) {
    const api github(ctx, tokens_);
    task<json> found = failed_deliveries(github, input);
    co_return co_await found;
}

task<json> connector::redeliver(context& ctx, const json& input) {
    const api github(ctx, tokens_);
    task<void> asked = deliver_again(github, input);
    co_await asked;
    co_return json{{"accepted", true}};
}

}  // namespace sluice::github
