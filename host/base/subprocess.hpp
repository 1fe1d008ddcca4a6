// Child processes: one that is run to its end, one that lives beside us.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace sluice::base {

struct process_command {
    // The program (searched in PATH unless it has a slash) and its arguments.
    std::vector<std::string> argv;
    // Added to our own environment, replacing variables of the same name.
    std::vector<std::pair<std::string, std::string>> environment;
    std::filesystem::path folder;  // to start in; empty: ours
    std::string stdin_text;
    // Only for spawn_process: nothing of our own environment; and a descriptor of ours that the
    // child gets as its number 3.
    bool bare_environment = false;
    int channel = -1;
};

struct process_exit {
    int code = -1;   // when it ended by itself
    int signal = 0;  // when a signal ended it
    bool ok() const { return code == 0; }
    std::string to_text() const;  // "exit code 3", "signal 11 (Segmentation fault)"
};

struct subprocess_outcome {
    process_exit exit;
    bool timed_out = false;
    std::string out;
    std::string err;
    bool truncated = false;  // `out` or `err` was longer than the limit
};

// Runs to the end, or kills after `timeout_ms`; in both cases nothing of its process group is left.
// Each output is kept up to `output_limit` bytes. Blocks. An error means that it did not start.
result<subprocess_outcome> run_subprocess(const process_command& command, std::int64_t timeout_ms,
                                          std::size_t output_limit = 1u << 20);

// A child in its own process group, which is killed and waited for when this ends. One thread.
class child_process {
  public:
    // Standard error goes to `error_file` (created, or appended to), or where ours goes.
    static result<child_process> start(const process_command& command,
                                       const std::filesystem::path& error_file = {});
    child_process(child_process&& other) noexcept;
    child_process& operator=(child_process&& other) noexcept;
    ~child_process();

    pid_t pid() const;
    // The next line of standard output without its end. Nothing when it does not come in time or
    // the output has ended. A child whose output is not read stops when the pipe is full.
    std::optional<std::string> read_line(std::int64_t timeout_ms);
    // To the process alone. Ignored when it has ended.
    void send_signal(int signal);
    // Nothing when it still runs after `timeout_ms`; may be asked again after it ended.
    std::optional<process_exit> wait(std::int64_t timeout_ms);

  private:
    struct state;
    explicit child_process(std::unique_ptr<state> owned);
    std::unique_ptr<state> state_;
};

}  // namespace sluice::base
