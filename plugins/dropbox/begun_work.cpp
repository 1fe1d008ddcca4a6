#include "begun_work.hpp"

#include <optional>
#include <utility>

namespace sluice::dropbox {

begun_work::begun_work(const context& ctx, std::string_view what)
    : context_(ctx),
      key_("dropbox/" + std::string(what) + "/" + std::string(ctx.idempotency_key())) {}

task<json> begun_work::earlier() const {
    const std::optional<state_entry> found = co_await context_.state().get(key_);
    co_return found ? found->value : json();
}

task<void> begun_work::note(json value) const {
    const json kept = std::move(value);
    co_await context_.state().set(key_, kept);
}

task<void> begun_work::forget() const { co_await context_.state().remove(key_); }

}  // namespace sluice::dropbox
