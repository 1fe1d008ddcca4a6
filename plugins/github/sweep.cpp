// Failed deliveries of all our webhooks, sent once more: GitHub does not try again by itself.
#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "api.hpp"
#include "deliveries.hpp"
#include "github.hpp"
#include "our_hooks.hpp"

namespace sluice::github {
namespace {

constexpr std::int64_t most_usually = 100;

std::int64_t most_of(const json& input) {
    if (input["most"].is_null()) return most_usually;
    const std::int64_t most = required_int(input, "most");
    if (most < 1 || most > 1000) throw failure(SLUICE_INVALID_INPUT, "'most' must be 1 to 1000");
    return most;
}

task<std::vector<json>> our_hooks(const api& github, json input) {
    std::vector<json> ids;
    if (!input["webhook"].is_null()) {
        ids.push_back(input["webhook"]);
        co_return ids;
    }
    const std::set<std::string> ours = paths_of(required_array(input, "ours"));
    task<std::vector<json>> looking = hooks_with(github, input, ours);
    const std::vector<json> hooks = co_await looking;
    for (const json& hook : hooks)
        ids.push_back(hook["id"]);
    co_return ids;
}

struct failed_list {
    json::array_type deliveries;  // the oldest first, as they happened
    bool whole = true;
};

// GitHub lists the newest first, and each redelivery adds one: what failed long ago is far behind.
task<failed_list> all_failed(const api& github, json about) {
    constexpr int most_looks = 5;  // of 10 pages of 100
    failed_list out;
    about.set("limit", 1000);
    about.erase("cursor");
    for (int i = 0; i < most_looks; ++i) {
        task<json> listing = failed_deliveries(github, about);
        const json found = co_await listing;
        for (const json& delivery : found["deliveries"].items()) {
            out.deliveries.push_back(json{
                {"id", delivery["id"]}, {"guid", delivery["guid"]}, {"event", delivery["event"]}});
        }
        out.whole = found["nextCursor"].is_null();
        if (out.whole) break;
        about.set("cursor", found["nextCursor"]);
    }
    std::reverse(out.deliveries.begin(), out.deliveries.end());
    co_return out;
}

// False when GitHub has the delivery no more.
task<bool> try_again(const api& github, json delivery) {
    bool there = true;
    try {
        task<void> asked = deliver_again(github, delivery);
        co_await asked;
    } catch (const failure& why) {
        if (why.code() != SLUICE_NOT_FOUND && why.code() != SLUICE_INVALID_INPUT) throw;
        there = false;
    }
    co_return there;
}

}  // namespace

task<json> connector::sweep_failed_deliveries(context& ctx, const json& input) {
    const api github(ctx, tokens_);
    const auto most = static_cast<std::size_t>(most_of(input));
    task<std::vector<json>> looking = our_hooks(github, input);
    const std::vector<json> hooks = co_await looking;
    json::array_type redelivered;
    std::int64_t gone = 0;
    bool more = false;
    for (const json& hook : hooks) {
        json about = input;
        about.set("webhook", hook);
        task<failed_list> listing = all_failed(github, about);
        const failed_list failed = co_await listing;
        more = more || !failed.whole;
        for (const json& delivery : failed.deliveries) {
            if (redelivered.size() == most) {
                more = true;
                break;
            }
            about.set("delivery", delivery["id"]);
            task<bool> asked = try_again(github, about);
            if (!co_await asked) {
                ++gone;
                continue;
            }
            redelivered.push_back(json{{"webhook", hook},
                                       {"delivery", delivery["id"]},
                                       {"guid", delivery["guid"]},
                                       {"event", delivery["event"]}});
        }
    }
    co_return json{{"redelivered", json::array(std::move(redelivered))},
                   {"gone", gone},
                   {"webhooks", hooks.size()},
                   {"more", more}};
}

}  // namespace sluice::github
