#include "api.hpp"
#include "github.hpp"
#include "pages.hpp"

namespace sluice::github {
namespace {

std::string joined(const json& names, std::string_view key) {
    std::string text;
    for (const json& name : names.items()) {
        if (!name.is_string()) {
            throw failure(SLUICE_INVALID_INPUT, "'" + std::string(key) + "' must be texts");
        }
        if (!text.empty()) text += ',';
        text += name.as_string();
    }
    return text;
}

// What both creating and updating can set.
json changes(const json& input) {
    json body = json::object();
    for (const char* key : {"title", "body", "labels", "assignees", "milestone", "type"}) {
        copy_member(body, input, key, key);
    }
    return body;
}

}  // namespace

task<json> connector::list_issues(context& ctx, const json& input) {
    const api github(ctx, tokens_);
    url list = github.repository(input).path("/issues");
    add_filters(list, input,
                {"state", "since", "sort", "direction", "creator", "assignee", "milestone"});
    if (!input["labels"].is_null()) {
        list.query("labels", joined(required_array(input, "labels"), "labels"));
    }
    // For GitHub every pull request is an issue, too.
    std::function<bool(const json&)> keep;
    if (!input.get_or("includePullRequests", false)) {
        keep = [](const json& issue) { return !issue.contains("pull_request"); };
    }
    task<json> collected = collect(pages(github, list, input), "issues", std::move(keep));
    co_return co_await collected;
}

task<json> connector::create_issue(context& ctx, const json& input) {
    const api github(ctx, tokens_);
    required_string(input, "title");
    const url issues = github.repository(input).path("/issues");
    task<json> sent = github.send("POST", issues, changes(input));
    co_return co_await sent;
}

task<json> connector::update_issue(context& ctx, const json& input) {
    const api github(ctx, tokens_);
    json body = changes(input);
    copy_member(body, input, "state", "state");
    copy_member(body, input, "stateReason", "state_reason");
    if (body.empty()) throw failure(SLUICE_INVALID_INPUT, "the input changes nothing of the issue");
    const url issue = github.repository(input).path("/issues").segment(id_text(input, "number"));
    task<json> sent = github.send("PATCH", issue, body);
    co_return co_await sent;
}

}  // namespace sluice::github
