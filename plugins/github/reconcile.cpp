// Makes a repository's webhooks equal to the wanted ones: lists, compares, creates, changes,
// deletes.
#include <algorithm>
#include <set>
#include <sluice/webhook_address.hpp>
#include <string>
#include <utility>
#include <vector>

#include "api.hpp"
#include "github.hpp"
#include "our_hooks.hpp"

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
    json addresses = input.contains("ours") ? required_array(input, "ours") : json::array();
    for (const wanted_hook& one : wanted)
        addresses.push(one.url);
    return paths_of(addresses);
}

// GitHub writes "0" and 0.
bool checks_certificates(const json& config) {
    const json& insecure = config["insecure_ssl"];
    return insecure == json("0") || insecure == json(0);
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
    const json& config = hook["config"];
    return config.get_or("url", "") == wanted.url && hook.get_or("active", false) &&
           texts(hook["events"]) == texts(wanted.events) &&
           config.get_or("content_type", "") == std::string("json") && checks_certificates(config);
}

}  // namespace

task<json> connector::reconcile_webhooks(context& ctx, const json& input) {
    const api github(ctx, tokens_);
    const url list = github.hooks(input);
    const std::vector<wanted_hook> wanted = wanted_of(input);
    const std::set<std::string> ours = our_paths(wanted, input);
    const std::string secret = wanted.empty() ? std::string() : required_string(input, "secret");
    const bool renew = input.get_or("renewSecret", false);

    task<std::vector<json>> looking = hooks_with(github, input, ours);
    std::vector<json> left = co_await looking;  // those that nothing wanted has taken yet

    json::array_type created;
    json::array_type changed;
    json::array_type deleted;
    std::int64_t unchanged = 0;
    for (const wanted_hook& one : wanted) {
        const auto same = std::find_if(left.begin(), left.end(), [&](const json& hook) {
            return path_of(hook) == webhook_path(one.url);
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
        task<bool> removed = github.remove(address);
        co_await removed;
        deleted.emplace_back(hook.get_or("id", 0));
    }
    co_return json{{"created", json::array(std::move(created))},
                   {"changed", json::array(std::move(changed))},
                   {"deleted", json::array(std::move(deleted))},
                   {"unchanged", unchanged}};
}

}  // namespace sluice::github
