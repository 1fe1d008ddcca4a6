// Makes a repository's webhooks equal to the wanted ones: lists, compares, creates, changes,
// deletes.
#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "api.hpp"
#include "github.hpp"
#include "hook_address.hpp"
#include "pages.hpp"

namespace sluice::github {
namespace {

std::set<std::string> texts(const json& list) {
    std::set<std::string> out;
    for (const json& one : list.items())
        out.insert(one.as_string());
    return out;
}

struct wanted_hook {
    std::string url;
    json events;
};

std::vector<wanted_hook> wanted_of(const json& input) {
    std::vector<wanted_hook> out;
    for (const json& one : required_array(input, "webhooks").items())
        out.push_back({required_string(one, "url"), required_array(one, "events")});
    return out;
}

// The paths by which our hooks are known: those of the wanted ones, and what the input adds.
std::set<std::string> our_paths(const std::vector<wanted_hook>& wanted, const json& input) {
    std::set<std::string> out;
    for (const wanted_hook& one : wanted)
        out.insert(webhook_path(one.url));
    if (input.contains("ours")) {
        for (const json& address : required_array(input, "ours").items())
            out.insert(webhook_path(address.as_string()));
    }
    out.erase("");
    out.erase("/");
    return out;
}

json body_of(const wanted_hook& wanted, const std::string& secret) {
    return json{{"name", "web"},
                {"active", true},
                {"events", wanted.events},
                {"config", json{{"url", wanted.url},
                                {"content_type", "json"},
                                {"insecure_ssl", "0"},
                                {"secret", secret}}}};
}

bool is_as_wanted(const json& hook, const wanted_hook& wanted) {
    return url_of(hook) == wanted.url && hook.get_or("active", false) && hook.contains("events") &&
           texts(hook["events"]) == texts(wanted.events) &&
           hook["config"].get_or("content_type", "") == std::string("json");
}

}  // namespace

task<json> connector::reconcile_webhooks(context& ctx, const json& input) {
    const api github(ctx, tokens_);
    const url list = github.hooks(input);
    const std::vector<wanted_hook> wanted = wanted_of(input);
    const std::set<std::string> ours = our_paths(wanted, input);
    const std::string secret = wanted.empty() ? std::string() : required_string(input, "secret");
    const bool renew = input.get_or("renewSecret", false);

    const json everything{{"limit", 1000}};
    task<json> collected = collect(pages(github, list, everything), "webhooks");
    const json found = co_await collected;
    std::vector<json> left;  // those that are ours and that nothing wanted has taken yet
    for (const json& hook : found["webhooks"].items()) {
        if (ours.contains(webhook_path(url_of(hook)))) left.push_back(hook);
    }

    json::array_type created;
    json::array_type changed;
    json::array_type deleted;
    std::int64_t unchanged = 0;
    for (const wanted_hook& one : wanted) {
        const auto same = std::find_if(left.begin(), left.end(), [&](const json& hook) {
            return webhook_path(url_of(hook)) == webhook_path(one.url);
        });
        if (same == left.end()) {
            task<json> sent = github.send("POST", list, body_of(one, secret));
            const json made = co_await sent;
            created.emplace_back(made.get_or("id", 0));
            continue;
        }
        const json there = *same;
        left.erase(same);
        if (is_as_wanted(there, one) && !renew) {
            ++unchanged;
            continue;
        }
        const url address = github.hooks(input).segment(id_text(there, "id"));
        task<json> sent = github.send("PATCH", address, body_of(one, secret));
        co_await sent;
        changed.emplace_back(there.get_or("id", 0));
    }
    for (const json& hook : left) {
        const url address = github.hooks(input).segment(id_text(hook, "id"));
        task<json> sent = github.send("DELETE", address);
        co_await sent;
        deleted.emplace_back(hook.get_or("id", 0));
    }
    co_return json{{"created", json::array(std::move(created))},
                   {"changed", json::array(std::move(changed))},
                   {"deleted", json::array(std::move(deleted))},
                   {"unchanged", unchanged}};
}

}  // namespace sluice::github
