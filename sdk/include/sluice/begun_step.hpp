// Remembers of a step that it has begun something that cannot be seen to have been done already: a
// move, a copy, a deletion. When the answer is lost, or the host dies before it has recorded the
// step, the step comes again and finds what its earlier attempt has noted.
//
// What succeeds stays noted, as the host records a step after it has ended. So notes have 256
// places for each `what`, by a hash of the step: a later step takes the place of an earlier one.
// Two steps in one place at the same time cost the first one its note.
//
// Needs OpenSSL (step_hash.hpp) and the service sluice.state/1.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "sluice/context.hpp"
#include "sluice/state.hpp"
#include "sluice/step_hash.hpp"
#include "sluice/task.hpp"

namespace sluice {
inline namespace sdk {

class begun_step {
  public:
    // `what` begins with the connector's name: "dropbox/move". The context must outlive this
    // object.
    begun_step(const context& ctx, std::string_view what)
        : context_(ctx), place_(std::string(what) + "/" + step_hash(ctx, what).substr(0, 2)) {}

    // co_await: what an earlier attempt of this step has noted; null when there is nothing.
    task<json> earlier() const {
        const std::optional<state_entry> found = co_await context_.state().get(place_);
        co_return mine(found);
    }
    // co_await: durable afterwards. Not null.
    task<void> note(json value) const {
        const json kept = entry(std::move(value));
        co_await context_.state().set(place_, kept);
    }
    // co_await: the step has done nothing, or will not come again.
    task<void> forget() const {
        const std::optional<state_entry> found = co_await context_.state().get(place_);
        if (!mine(found).is_null()) co_await context_.state().remove(place_);
    }
    // co_await: whether the step was noted before; it is now.
    task<bool> begin_again() const {
        task<json> remembering = earlier();
        const json noted = co_await remembering;
        if (!noted.is_null()) co_return true;
        task<void> noting = note(true);
        co_await noting;
        co_return false;
    }

    // The same for blocking actions (never in a coroutine: it would wait for itself).
    json earlier_wait() const { return mine(context_.state().get_wait(place_)); }
    void note_wait(json value) const { context_.state().set_wait(place_, entry(std::move(value))); }
    void forget_wait() const {
        if (!earlier_wait().is_null()) context_.state().remove_wait(place_);
    }

  private:
    json entry(json value) const {
        return json{{"step", context_.idempotency_key()}, {"note", std::move(value)}};
    }
    json mine(const std::optional<state_entry>& found) const {
        if (!found || found->value["step"] != json(context_.idempotency_key())) return {};
        return found->value["note"];
    }

    const context& context_;
    std::string place_;
};

}  // namespace sdk
}  // namespace sluice
