// The two ways to treat what should not happen (design: three levels of error).
#pragma once

#include <cstdint>
#include <string_view>

namespace sluice::base {

// An impossible state: writes the message to standard error and ends the process (abort).
[[noreturn]] void panic(std::string_view message);

// A state believed impossible: logged and counted in release builds, fatal in debug builds
// (NDEBUG not defined).
void report_bug(std::string_view message);

// How often report_bug was called in this process. Thread-safe.
std::uint64_t bug_count();

}  // namespace sluice::base
