#include "api.hpp"
#include "github.hpp"
#include "pages.hpp"

namespace sluice::github {
namespace {

url releases_of(const api& github, const json& input) {
    return github.repository(input).path("/releases");
}

url release_of(const api& github, const json& input) {
    return releases_of(github, input).segment(id_text(input, "release"));
}

json release_body(const json& input) {
    json body = json::object();
    copy_member(body, input, "tag", "tag_name");
    copy_member(body, input, "target", "target_commitish");
    for (const char* key : {"name", "body", "draft", "prerelease"})
        copy_member(body, input, key, key);
    copy_member(body, input, "makeLatest", "make_latest");
    return body;
}

}  // namespace

task<json> connector::list_releases(context& ctx, const json& input) {
    const api github(ctx, tokens_);
    task<json> collected = collect_items(pages(github, releases_of(github, input), input));
    co_return co_await collected;
}

task<json> connector::get_latest_release(context& ctx, const json& input) {
    const api github(ctx, tokens_);
    task<json> sent = github.send("GET", releases_of(github, input).path("/latest"));
    co_return co_await sent;
}

task<json> connector::create_release(context& ctx, const json& input) {
    const api github(ctx, tokens_);
    required_string(input, "tag");
    json body = release_body(input);
    copy_member(body, input, "generateNotes", "generate_release_notes");
    task<json> sent = github.send("POST", releases_of(github, input), body);
    co_return co_await sent;
}

task<json> connector::update_release(context& ctx, const json& input) {
    const api github(ctx, tokens_);
    const json body = release_body(input);
    if (body.empty()) {
        throw failure(SLUICE_INVALID_INPUT, "the input changes nothing of the release");
    }
    task<json> sent = github.send("PATCH", release_of(github, input), body);
    co_return co_await sent;
}

task<json> connector::delete_release(context& ctx, const json& input) {
    const api github(ctx, tokens_);
    task<bool> removed = github.remove(release_of(github, input));
    const bool deleted = co_await removed;
    co_return json{{"deleted", deleted}};
}

}  // namespace sluice::github
