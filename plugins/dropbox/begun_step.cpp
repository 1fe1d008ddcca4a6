#include "begun_step.hpp"

#include <optional>
#include <sluice/step_hash.hpp>

namespace sluice::dropbox {

begun_step::begun_step(const context& ctx, std::string_view what)
    : context_(ctx),
      place_("dropbox/" + std::string(what) + "/" + step_hash(ctx, what).substr(0, 2)) {}

task<bool> begun_step::begin_again() const {
    const json mine(context_.idempotency_key());
    const std::optional<state_entry> found = co_await context_.state().get(place_);
    if (found && found->value == mine) co_return true;
    co_await context_.state().set(place_, mine);
    co_return false;
}

task<void> begun_step::forget() const { co_await context_.state().remove(place_); }

}  // namespace sluice::dropbox
