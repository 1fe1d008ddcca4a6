// Runs a program of the machine: poppler's tools are GPL, so they are started, never linked.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace sluice::pdf {

// Where this process itself has less, the program gets no more than that.
struct program_limits {
    int seconds = 60;                       // of time; of processor time as well
    std::size_t output_bytes = 4 << 20;     // more ends the program
    std::size_t memory_bytes = 2ull << 30;  // address space
};

struct program_end {
    int exit_code = 0;
    std::string output;
    std::string errors;  // the first few lines of standard error
};

// Blocks until the program has ended; so for a thread of the pool. `arguments` begins with the
// program's name, which is looked for in /usr/local/bin, /usr/bin and /bin; `{input}` among them
// stands for the file behind the descriptor. Throws failures: SLUICE_UNSUPPORTED when the program
// is not there, SLUICE_TIMEOUT, SLUICE_INVALID_INPUT when it prints too much or dies of the input,
// SLUICE_CANCELLED as soon as `cancelled` says so.
program_end run_program(std::vector<std::string> arguments, int input, const program_limits& limits,
                        const std::function<bool()>& cancelled);

}  // namespace sluice::pdf
