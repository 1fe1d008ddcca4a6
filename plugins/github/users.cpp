#include "api.hpp"
#include "github.hpp"

namespace sluice::github {

task<json> connector::get_authenticated_user(context& ctx, const json&) {
    const api github(ctx);
    task<json> sent = github.send("GET", github.address("/user"));
    co_return co_await sent;
}

}  // namespace sluice::github
