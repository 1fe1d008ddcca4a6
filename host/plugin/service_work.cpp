// sluice.work/1
#include <atomic>
#include <memory>

#include "plugin/abi_error.hpp"
#include "plugin/connector_state.hpp"
#include "plugin/services.hpp"
#include "plugin/strand.hpp"

namespace sluice::plugin {

namespace {

struct work_item {
    call_handle call;
    std::uint64_t id;
    sluice_fn blocking;
    sluice_done done;
    void* user;
    // Who comes first: the pool that runs it, or the one who cancels it.
    std::atomic<bool> taken{false};
};

void answer_failed(const work_item& item, base::error why) {
    post_answer(item.call, item.id, [done = item.done, user = item.user, why = std::move(why)] {
        const sluice_error error = to_abi_error(why);
        done(user, &error);
    });
}

void run_on_pool(const std::shared_ptr<work_item>& item) {
    if (item->taken.exchange(true)) return;
    std::shared_ptr<action_stats> stats;
    call_slots::with(item->call, [&](const live_call& live) { stats = live.stats; });
    if (!stats) return;  // the call is over: `user` may be gone
    call_connector(item->call, *stats, [&] { item->blocking(item->user); });
    post_answer(item->call, item->id,
                [done = item->done, user = item->user] { done(user, nullptr); });
}

void start_work(live_call& live, const std::shared_ptr<work_item>& item) {
    const auto cancelled = [item] {
        if (item->taken.exchange(true)) return;  // runs already; its answer comes at the end
        answer_failed(*item, base::make_error(base::error_code::cancelled,
                                              "the call was cancelled before the work began"));
    };
    live.operations.add(item->id, cancelled);
    if (live.cancelling) return cancelled();
    if (live.owner->run_blocking([item] { run_on_pool(item); })) return;
    item->taken = true;
    base::error full =
        base::make_error(base::error_code::unavailable,
                         live.owner->name + " has too much blocking work waiting already");
    full.retry_after_ms = 1'000;
    answer_failed(*item, std::move(full));
}

void SLUICE_CALL run(sluice_call* handle, sluice_fn blocking, sluice_done done, void* user) {
    auto item = std::make_shared<work_item>();
    item->call = call_slots::from_abi(handle);
    item->id = next_operation();
    item->blocking = blocking;
    item->done = done;
    item->user = user;
    post_for_connector(item->call, [item](live_call& live) { start_work(live, item); });
}

}  // namespace

const sluice_work_1& work_service() {
    static constexpr sluice_work_1 table = {run};
    return table;
}

}  // namespace sluice::plugin
