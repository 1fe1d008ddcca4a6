#include "api.hpp"
#include "github.hpp"

namespace sluice::github {

task<json> connector::get_repository(context& ctx, const json& input) {
    const api github(ctx, tokens_);
    task<json> sent = github.send("GET", github.repository(input));
    co_return co_await sent;
}

}  // namespace sluice::github
