// sluice.timer/1
#include "plugin/abi_error.hpp"
#include "plugin/connector_state.hpp"
#include "plugin/services.hpp"
#include "plugin/strand.hpp"

namespace sluice::plugin {

namespace {

void start_timer(live_call& live, call_handle call, std::uint64_t id, std::int64_t delay_ms,
                 sluice_done done, void* user) {
    const auto cancelled = [call, id, done, user] {
        post_answer(call, id, [done, user] {
            const base::error why =
                base::make_error(base::error_code::cancelled, "the timer was cancelled");
            const sluice_error error = to_abi_error(why);
            done(user, &error);
        });
    };
    auto& loop = live.owner->shared->ports.loop;
    if (live.cancelling) {
        live.operations.add(id, [] {});
        return cancelled();
    }
    const auto timer = loop.run_after(delay_ms, [call, id, done, user] {
        answer_operation(call, id, [done, user] { done(user, nullptr); });
    });
    live.operations.add(id, [&loop, timer, cancelled] {
        loop.cancel(timer);
        cancelled();
    });
}

std::uint64_t SLUICE_CALL after(sluice_call* handle, std::uint64_t delay_ms, sluice_done done,
                                void* user) {
    const call_handle call = call_slots::from_abi(handle);
    const std::uint64_t id = next_operation();
    constexpr std::uint64_t year_ms = 366ull * 24 * 3600 * 1000;
    const auto delay = static_cast<std::int64_t>(delay_ms < year_ms ? delay_ms : year_ms);
    post_for_connector(call,
                       [=](live_call& live) { start_timer(live, call, id, delay, done, user); });
    return id;
}

void SLUICE_CALL cancel(sluice_call* handle, std::uint64_t operation) {
    post_for_connector(call_slots::from_abi(handle),
                       [operation](live_call& live) { live.operations.cancel(operation); });
}

}  // namespace

const sluice_timer_1& timer_service() {
    static constexpr sluice_timer_1 table = {after, cancel};
    return table;
}

}  // namespace sluice::plugin
