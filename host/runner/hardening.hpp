// What the runner gives up before it loads a connector. Each layer that this kernel refuses is told
// and left out; none of them is fatal.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace sluice::runner {

struct hardening_options {
    std::filesystem::path library;    // may be read
    std::filesystem::path temporary;  // may be written to; empty: nothing may
    std::uint64_t memory_mib = 2048;  // address space; not with a sanitizer, which maps terabytes
    bool network = true;              // sockets beyond this machine's own
    bool exec = false;                // other programs
};

// Of the calling thread and those it starts from now on: so before there are others. What came of
// it, as a JSON object for `sluice doctor`:
//   {"noNewPrivileges": true, "capabilities": "none", "memoryMib": 2048, "openFiles": 256,
//    "landlock": 7, "seccomp": true, "network": true, "exec": false, "refused": ["..."]}
std::string harden(const hardening_options& options);

// The parts; empty, or why not.
std::string restrict_files(const hardening_options& options, int& landlock_version);
std::string restrict_system_calls(const hardening_options& options);

}  // namespace sluice::runner
