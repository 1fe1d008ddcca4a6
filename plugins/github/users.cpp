#include "api.hpp"
#include "github.hpp"
#include "pages.hpp"

namespace sluice::github {

task<json> connector::get_authenticated_user(context& ctx, const json&) {
    const api github(ctx, tokens_);
    task<json> sent = github.send("GET", github.address("/user"));
    co_return co_await sent;
}

task<json> connector::list_installation_repositories(context& ctx, const json& input) {
    const api github(ctx, tokens_);
    const url list = github.address("/installation/repositories");
    task<json> collected = collect_items(pages(github, list, input, 100, "repositories"));
    co_return co_await collected;
}

}  // namespace sluice::github
