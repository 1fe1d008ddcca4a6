#include <cstdint>
#include <optional>
#include <string>

#include "api.hpp"
#include "github.hpp"
#include "pages.hpp"

namespace sluice::github {
namespace {

url pulls_of(const api& github, const json& input) {
    return github.repository(input).path("/pulls");
}

url pull_of(const api& github, const json& input) {
    return pulls_of(github, input).segment(id_text(input, "number"));
}

// The refusal when GitHub did not merge, nothing when it did.
struct merge_try {
    json merged;
    std::optional<failure> refused;
};

task<merge_try> try_merge(const api& github, std::string address, json body) {
    merge_try tried;
    try {
        task<json> sent = github.send("PUT", std::move(address), std::move(body));
        tried.merged = co_await sent;
    } catch (const failure& why) {
        if (why.http_status() != 405) throw;
        tried.refused = why;
    }
    co_return tried;
}

}  // namespace

task<json> connector::list_pull_requests(context& ctx, const json& input) {
    const api github(ctx, tokens_);
    url list = pulls_of(github, input);
    add_filters(list, input, {"state", "head", "base", "sort", "direction"});
    task<json> collected = collect_items(pages(github, list, input));
    co_return co_await collected;
}

task<json> connector::get_pull_request(context& ctx, const json& input) {
    const api github(ctx, tokens_);
    task<json> sent = github.send("GET", pull_of(github, input));
    co_return co_await sent;
}

task<json> connector::create_pull_request(context& ctx, const json& input) {
    const api github(ctx, tokens_);
    json body{{"title", required_string(input, "title")},
              {"head", required_string(input, "head")},
              {"base", required_string(input, "base")}};
    copy_member(body, input, "body", "body");
    copy_member(body, input, "draft", "draft");
    copy_member(body, input, "maintainerCanModify", "maintainer_can_modify");
    task<json> sent = github.send("POST", pulls_of(github, input), body);
    co_return co_await sent;
}

task<json> connector::update_pull_request(context& ctx, const json& input) {
    const api github(ctx, tokens_);
    json body = json::object();
    for (const char* key : {"title", "body", "state", "base"})
        copy_member(body, input, key, key);
    copy_member(body, input, "maintainerCanModify", "maintainer_can_modify");
    if (body.empty()) {
        throw failure(SLUICE_INVALID_INPUT, "the input changes nothing of the pull request");
    }
    task<json> sent = github.send("PATCH", pull_of(github, input), body);
    co_return co_await sent;
}

task<json> connector::merge_pull_request(context& ctx, const json& input) {
    const api github(ctx, tokens_);
    json body = json::object();
    copy_member(body, input, "method", "merge_method");
    copy_member(body, input, "title", "commit_title");
    copy_member(body, input, "message", "commit_message");
    copy_member(body, input, "sha", "sha");
    const url pull = pull_of(github, input);
    task<merge_try> trying = try_merge(github, url(pull).path("/merge"), body);
    const merge_try tried = co_await trying;
    if (!tried.refused) {
        co_return json{{"merged", true}, {"sha", tried.merged["sha"]}, {"already", false}};
    }
    // A step that is repeated finds its work done.
    task<json> looking = github.send("GET", pull);
    const json there = co_await looking;
    const bool same_head = input["sha"].is_null() || input["sha"] == there["head"]["sha"];
    if (there.get_or("merged", false) && same_head) {
        co_return json{{"merged", true}, {"sha", there["merge_commit_sha"]}, {"already", true}};
    }
    // Somebody else merged at the same moment: GitHub itself says to try again.
    if (tried.refused->message().find("Base branch was modified") != std::string::npos) {
        constexpr std::uint64_t soon_ms = 1000;
        throw failure(SLUICE_UNAVAILABLE, tried.refused->message())
            .http_status(405)
            .retry_after_ms(soon_ms);
    }
    throw failure(SLUICE_CONFLICT, tried.refused->message()).http_status(405);
}

task<json> connector::list_pull_request_files(context& ctx, const json& input) {
    const api github(ctx, tokens_);
    const url list = pull_of(github, input).path("/files");
    task<json> collected = collect_items(pages(github, list, input));
    co_return co_await collected;
}

}  // namespace sluice::github
