// Remembers of a step that it has begun something that cannot be seen to have been done already: a
// move, a copy, a deletion. When the answer is lost, or the host dies before it has recorded the
// step, the step comes again and finds what its earlier attempt has noted.
//
// What succeeds stays noted, as the host records a step after it has ended. So notes have 256
// places for each `what`, by a hash of the step, with room for 16 in each: the newest push out the
// oldest, after about four thousand later ones.
//
// Needs OpenSSL (step_hash.hpp) and the service sluice.state/1.
#pragma once

#include <cstddef>
#include <cstdint>
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
    task<void> note(json value) const { return write(std::move(value)); }
    // co_await: the step has done nothing, or will not come again.
    task<void> forget() const { return write(json()); }
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
    void note_wait(const json& value) const { write_wait(value); }
    void forget_wait() const { write_wait(json()); }

  private:
    static constexpr std::size_t room = 16;

    // Other steps write to the same place: who comes second looks again. Null takes the note away.
    task<void> write(json value) const {
        for (bool written = false; !written;) {
            const std::optional<state_entry> found = co_await context_.state().get(place_);
            if (value.is_null() && mine(found).is_null()) co_return;
            const json kept = with(found, value);
            written = co_await context_.state().compare_and_set(place_, version_of(found), kept);
        }
    }
    void write_wait(const json& value) const {
        for (bool written = false; !written;) {
            const std::optional<state_entry> found = context_.state().get_wait(place_);
            if (value.is_null() && mine(found).is_null()) return;
            written = context_.state().compare_and_set_wait(place_, version_of(found),
                                                            with(found, value));
        }
    }

    static std::uint64_t version_of(const std::optional<state_entry>& found) {
        return found ? found->version : 0;
    }
    bool is_mine(const json& entry) const {
        return entry["step"] == json(context_.idempotency_key());
    }
    json mine(const std::optional<state_entry>& found) const {
        if (!found) return {};
        for (const json& entry : found->value.items()) {
            if (is_mine(entry)) return entry["note"];
        }
        return {};
    }
    // What is there with this step's note in place of an earlier one; null: without.
    json with(const std::optional<state_entry>& found, const json& value) const {
        json kept = json::array();
        if (!value.is_null()) {
            kept.push(json{{"step", context_.idempotency_key()}, {"note", value}});
        }
        if (!found) return kept;
        for (const json& entry : found->value.items()) {
            if (kept.size() < room && !is_mine(entry)) kept.push(entry);
        }
        return kept;
    }

    const context& context_;
    std::string place_;
};

}  // namespace sdk
}  // namespace sluice
