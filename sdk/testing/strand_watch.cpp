#include "strand_watch.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>

namespace sluice::testing {
namespace {

std::int64_t wall_us() {
    using namespace std::chrono;
    return duration_cast<microseconds>(steady_clock::now().time_since_epoch()).count();
}

std::int64_t to_us(const timeval& time) {
    return std::int64_t{time.tv_sec} * 1'000'000 + time.tv_usec;
}

rusage usage_of_thread() {
    rusage usage{};
    getrusage(RUSAGE_THREAD, &usage);
    return usage;
}

}  // namespace

strand_watch::strand_watch(mock_core& core, mock_call& call) : core_(core), call_(call) {
    const rusage usage = usage_of_thread();
    wall_us_ = wall_us();
    computed_us_ = to_us(usage.ru_utime) + to_us(usage.ru_stime);
    gave_up_ = usage.ru_nvcsw;
}

strand_watch::~strand_watch() {
    const rusage usage = usage_of_thread();
    // A busy machine takes the processor away; only who gives it up has waited for something.
    if (usage.ru_nvcsw == gave_up_) return;
    const std::int64_t computed = to_us(usage.ru_utime) + to_us(usage.ru_stime) - computed_us_;
    const std::int64_t waited_ms = (wall_us() - wall_us_ - computed) / 1'000;
    const auto guard = core_.lock();
    call_.result.strand_waited_ms =
        std::max(call_.result.strand_waited_ms,
                 static_cast<std::uint64_t>(std::max<std::int64_t>(waited_ms, 0)));
}

}  // namespace sluice::testing
