#include "api.hpp"
#include "github.hpp"
#include "pages.hpp"

namespace sluice::github {
namespace {

url comments_of(const api& github, const json& input) {
    return github.repository(input)
        .path("/issues")
        .segment(id_text(input, "number"))
        .path("/comments");
}

}  // namespace

task<json> connector::list_comments(context& ctx, const json& input) {
    const api github(ctx, tokens_);
    url list = comments_of(github, input);
    if (!input["since"].is_null()) list.query("since", required_string(input, "since"));
    task<json> collected = collect(pages(github, list, input), "comments");
    co_return co_await collected;
}

task<json> connector::create_comment(context& ctx, const json& input) {
    const api github(ctx, tokens_);
    const json body{{"body", required_string(input, "body")}};
    task<json> sent = github.send("POST", comments_of(github, input), body);
    co_return co_await sent;
}

}  // namespace sluice::github
