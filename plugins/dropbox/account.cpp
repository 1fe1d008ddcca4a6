#include "api.hpp"
#include "dropbox.hpp"

namespace sluice::dropbox {

task<json> connector::get_current_account(context& ctx, const json&) {
    const api dropbox(ctx);
    task<json> asked = dropbox.call("users/get_current_account", json());
    co_return co_await asked;
}

}  // namespace sluice::dropbox
