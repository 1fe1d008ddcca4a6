#include <string>

#include "api.hpp"
#include "github.hpp"
#include "pages.hpp"

namespace sluice::github {
namespace {

// A workflow is named by its id or by its file's name.
std::string workflow_of(const json& input) {
    if (input["workflow"].is_int64()) return id_text(input, "workflow");
    return required_string(input, "workflow");
}

}  // namespace

task<json> connector::dispatch_workflow(context& ctx, const json& input) {
    const api github(ctx, tokens_);
    json body{{"ref", required_string(input, "ref")}};
    copy_member(body, input, "inputs", "inputs");
    const url address = github.repository(input)
                            .path("/actions/workflows")
                            .segment(workflow_of(input))
                            .path("/dispatches");
    task<json> sent = github.send("POST", address, body);
    co_await sent;
    co_return json{{"accepted", true}};
}

task<json> connector::list_workflow_runs(context& ctx, const json& input) {
    const api github(ctx, tokens_);
    url list = github.repository(input).path("/actions");
    if (!input["workflow"].is_null()) list.path("/workflows").segment(workflow_of(input));
    list.path("/runs");
    add_filters(list, input, {"actor", "branch", "event", "status", "created"});
    if (const std::string sha = input.get_or("headSha", ""); !sha.empty()) {
        list.query("head_sha", sha);
    }
    task<json> collected = collect_items(pages(github, list, input, 100, "workflow_runs"));
    co_return co_await collected;
}

task<json> connector::get_workflow_run(context& ctx, const json& input) {
    const api github(ctx, tokens_);
    const url run = github.repository(input).path("/actions/runs").segment(id_text(input, "run"));
    task<json> sent = github.send("GET", run);
    co_return co_await sent;
}

}  // namespace sluice::github
