#include "base/panic.hpp"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/log.hpp"

namespace sluice::base {

namespace {

constinit std::atomic<std::uint64_t> bugs{0};

}  // namespace

void panic(std::string_view message) {
    // Not through the log: it may be what failed, and its level must not hide this.
    std::fprintf(stderr, "sluice: fatal: %.*s\n", static_cast<int>(message.size()), message.data());
    std::fflush(stderr);
    std::abort();
}

void report_bug(std::string_view message) {
    bugs.fetch_add(1, std::memory_order_relaxed);
#ifdef NDEBUG
    log(log_level::error, "bug: " + std::string(message));
#else
    panic("bug: " + redact(std::string(message)));
#endif
}

std::uint64_t bug_count() { return bugs.load(std::memory_order_relaxed); }

}  // namespace sluice::base
