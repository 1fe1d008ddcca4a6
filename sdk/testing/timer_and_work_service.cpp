#include <chrono>

#include "mock_core.hpp"
#include "services.hpp"
#include "sluice/failure.hpp"

namespace sluice::testing {
namespace {

std::uint64_t SLUICE_CALL after(sluice_call* handle, std::uint64_t delay_ms, sluice_done done,
                                void* user) {
    const auto call = mock_call::expect(handle);
    if (!call) return 1;
    return call->core.start_operation(
        *call, {.delay_ms = delay_ms},
        [=](const sluice_error* cancelled) { done(user, cancelled); });
}

void SLUICE_CALL cancel(sluice_call* handle, std::uint64_t operation) {
    const auto call = mock_call::find(handle);
    if (call) call->core.cancel_operation(operation);
}

void SLUICE_CALL run(sluice_call* handle, sluice_fn blocking, sluice_done done, void* user) {
    const auto call = mock_call::expect(handle);
    if (!call) return;
    mock_core& core = call->core;
    if (core.work_is_refused) {
        core.start_operation(*call, {}, [=, &core](const sluice_error* cancelled) {
            if (cancelled != nullptr) return done(user, cancelled);
            const failure full(SLUICE_UNAVAILABLE, "the connector's pool is full");
            done(user, shaped_struct(full.as_error(), core.options()).get());
        });
        return;
    }
    core.start_operation(*call, {.work = [=] { blocking(user); }},
                         [=](const sluice_error* cancelled) { done(user, cancelled); });
}

std::int64_t SLUICE_CALL unix_ms(const sluice_host* host) {
    auto& core = *static_cast<mock_core*>(host->impl);
    const auto guard = core.lock();
    using namespace std::chrono;
    const auto real = duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
    return core.started_unix_ms.value_or(real) + static_cast<std::int64_t>(core.now_ms);
}

}  // namespace

const sluice_timer_1 timer_service{after, cancel};
const sluice_clock_1 clock_service{unix_ms};
const sluice_work_1 work_service{run};

}  // namespace sluice::testing
