// Makes the app's webhooks equal to the wanted ones. The app cannot change one, so another takes
// its place, before the old one goes: no event falls between them.
#include <algorithm>
#include <set>
#include <sluice/option.hpp>
#include <sluice/webhook_address.hpp>
#include <string>
#include <utility>
#include <vector>

#include "api.hpp"
#include "your_app.hpp"

namespace your_app {

using sluice::failure;
using sluice::required_array;
using sluice::required_string;
using sluice::webhook_path;

namespace {

std::set<std::string> texts(const json& list) {
    std::set<std::string> found;
    for (const json& one : list.items()) {
        if (one.is_string()) found.insert(one.as_string());
    }
    return found;
}

// What the app is asked to create; two of one address would take turns in deleting each other.
std::vector<json> wanted_of(const json& input) {
    const json& webhooks = required_array(input, "webhooks");
    std::vector<json> wanted;
    std::set<std::string> paths;
    for (const json& one : webhooks.items()) {
        const std::string& address = required_string(one, "url");
        for (const json& event : required_array(one, "events").items()) {
            if (!event.is_string()) throw failure(SLUICE_INVALID_INPUT, "'events' must be texts");
        }
        const std::string path = webhook_path(address);
        if (path.empty() || path == "/") {
            throw failure(SLUICE_INVALID_INPUT, "a webhook's 'url' must have a path");
        }
        if (!paths.insert(path).second) {
            throw failure(SLUICE_INVALID_INPUT, "two webhooks have the path of one address");
        }
        wanted.push_back(json{{"url", address},
                              {"events", one["events"]},
                              {"secret", required_string(input, "secret")}});
    }
    return wanted;
}

std::set<std::string> our_paths(const std::vector<json>& wanted, const json& input) {
    std::set<std::string> paths;
    for (const json& one : wanted)
        paths.insert(webhook_path(one["url"].as_string()));
    if (!input["ours"].is_null()) {
        for (const json& address : required_array(input, "ours").items()) {
            if (!address.is_string()) throw failure(SLUICE_INVALID_INPUT, "'ours' must be texts");
            paths.insert(webhook_path(address.as_string()));
        }
    }
    paths.erase("");
    paths.erase("/");
    return paths;
}

bool is_as_wanted(const json& webhook, const json& wanted) {
    return webhook["url"] == wanted["url"] && texts(webhook["events"]) == texts(wanted["events"]);
}

}  // namespace

task<json> connector::reconcile_webhooks(context& ctx, const json& input) {
    const std::vector<json> wanted = wanted_of(input);
    const std::set<std::string> ours = our_paths(wanted, input);
    const bool renew = sluice::bool_option(input, "renewSecret", false);
    const api app(ctx);

    task<json> listing = app.get(app.at("webhooks"));
    const json found = co_await listing;
    std::vector<json> left;  // those that are ours and that are not to stay
    for (const json& webhook : listed(found, "webhooks").items()) {
        if (ours.contains(webhook_path(webhook.get_or("url", "")))) left.push_back(webhook);
    }

    json::array_type created;
    json::array_type deleted;
    std::int64_t unchanged = 0;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const json& one = wanted[i];
        std::string stays;
        const auto same = std::find_if(left.begin(), left.end(), [&one](const json& webhook) {
            return is_as_wanted(webhook, one);
        });
        if (same != left.end() && !renew) {
            stays = same->get_or("id", "");
            ++unchanged;
        } else {
            // Part i at each attempt: a repeated step gets the webhook that the first one made.
            task<json> sent = app.write("POST", app.at("webhooks"), one, i);
            const json made = co_await sent;
            stays = id_of(made);
            created.emplace_back(stays);
        }
        std::erase_if(left,
                      [&stays](const json& webhook) { return webhook.get_or("id", "") == stays; });
    }
    for (const json& webhook : left) {
        const std::string& id = id_of(webhook);
        task<json> sent = app.write("DELETE", app.at("webhooks").segment(id), json());
        try {
            co_await sent;
        } catch (const failure& refused) {
            if (refused.code() != SLUICE_NOT_FOUND) throw;  // otherwise it is gone already
        }
        deleted.emplace_back(id);
    }
    co_return json{{"created", json::array(std::move(created))},
                   {"deleted", json::array(std::move(deleted))},
                   {"unchanged", unchanged}};
}

}  // namespace your_app
