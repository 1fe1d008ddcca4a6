#include <string>

#include "api.hpp"
#include "github.hpp"
#include "pages.hpp"

namespace sluice::github {
namespace {

task<json> search(const api& github, std::string_view where, const json& input) {
    url list = github.address(where);
    list.query("q", required_string(input, "query"));
    add_filters(list, input, {"sort", "order"});
    return collect_items(pages(github, list, input, 100, "items"));
}

}  // namespace

task<json> connector::search_issues(context& ctx, const json& input) {
    const api github(ctx, tokens_);
    task<json> found = search(github, "/search/issues", input);
    co_return co_await found;
}

task<json> connector::search_code(context& ctx, const json& input) {
    const api github(ctx, tokens_);
    task<json> found = search(github, "/search/code", input);
    co_return co_await found;
}

task<json> connector::search_repositories(context& ctx, const json& input) {
    const api github(ctx, tokens_);
    task<json> found = search(github, "/search/repositories", input);
    co_return co_await found;
}

}  // namespace sluice::github
