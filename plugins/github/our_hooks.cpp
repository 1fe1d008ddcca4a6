#include "our_hooks.hpp"

#include <sluice/webhook_address.hpp>

#include "pages.hpp"

namespace sluice::github {

std::string path_of(const json& hook) { return webhook_path(hook["config"].get_or("url", "")); }

std::set<std::string> paths_of(const json& addresses) {
    std::set<std::string> paths;
    for (const json& address : addresses.items()) {
        if (address.is_string()) paths.insert(webhook_path(address.as_string()));
    }
    paths.erase("");
    paths.erase("/");
    return paths;
}

task<std::vector<json>> hooks_with(const api& github, json input, std::set<std::string> paths) {
    const json everything{{"limit", 1000}};
    task<json> collected = collect(pages(github, github.hooks(input), everything), "webhooks");
    const json found = co_await collected;
    std::vector<json> ours;
    for (const json& hook : found["webhooks"].items()) {
        if (paths.contains(path_of(hook))) ours.push_back(hook);
    }
    co_return ours;
}

}  // namespace sluice::github
