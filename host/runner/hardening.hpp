// What the runner gives up before it loads a connector. Each layer that this kernel refuses is told
// and left out; none of them is fatal.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "plugin/hardening_report.hpp"

namespace sluice::runner {

struct hardening_options {
    std::filesystem::path library;    // may be read
    std::filesystem::path temporary;  // may be written to; empty: nothing may
    std::uint64_t memory_mib = 2048;  // address space; not with a sanitizer, which maps terabytes
    bool network = true;              // sockets of the internet
    bool exec = false;                // other programs
    int landlock_at_most = 1'000;     // tests: as a kernel that knows no later version
};

// Of the calling thread and those it starts from now on: so before there are others. What came of
// it, for `sluice doctor`.
plugin::hardening_report harden(const hardening_options& options);

// The parts; empty, or why not. 0: no Landlock.
std::string restrict_files(const hardening_options& options, int& landlock_version);
// What that version of Landlock cannot refuse is refused here.
std::string restrict_system_calls(const hardening_options& options, int landlock_version);

}  // namespace sluice::runner
