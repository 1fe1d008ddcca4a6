// Failed deliveries of all our webhooks, sent once more: GitHub does not try again by itself.
#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "api.hpp"
#include "deliveries.hpp"
#include "github.hpp"
#include "hook_address.hpp"
#include "pages.hpp"

namespace sluice::github {
namespace {

constexpr std::int64_t most_usually = 100;

std::int64_t most_of(const json& input) {
    if (input["most"].is_null()) return most_usually;
    const std::int64_t most = required_int(input, "most");
    if (most < 1 || most > 1000) throw failure(SLUICE_INVALID_INPUT, "'most' must be 1 to 1000");
    return most;
}

std::set<std::string> our_paths(const json& input) {
    std::set<std::string> paths;
    for (const json& address : required_array(input, "ours").items()) {
        if (address.is_string()) paths.insert(webhook_path(address.as_string()));
    }
    paths.erase("");
    paths.erase("/");
    return paths;
}

task<std::vector<json>> our_hooks(const api& github, json input) {
    std::vector<json> ids;
    if (!input["webhook"].is_null()) {
        ids.push_back(input["webhook"]);
        co_return ids;
    }
    const std::set<std::string> ours = our_paths(input);
    const json everything{{"limit", 1000}};
    task<json> collected = collect(pages(github, github.hooks(input), everything), "webhooks");
    const json found = co_await collected;
    for (const json& hook : found["webhooks"].items()) {
        if (ours.contains(webhook_path(url_of(hook)))) ids.push_back(hook["id"]);
    }
    co_return ids;
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
        about.erase("cursor");
        task<json> listing = failed_deliveries(github, about);
        const json found = co_await listing;
        json::array_type failed = found["deliveries"].items();
        std::reverse(failed.begin(), failed.end());  // the oldest first, as they happened
        more = more || !found["nextCursor"].is_null();
        for (const json& delivery : failed) {
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
