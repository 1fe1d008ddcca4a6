// Starting a child and seeing it end: what both forms in base/subprocess.hpp share.
#pragma once

#include <sys/types.h>

#include <optional>

#include "base/file_descriptor.hpp"
#include "base/subprocess.hpp"

namespace sluice::base {

struct pipe_ends {
    file_descriptor read;
    file_descriptor write;
};

// Closed on exec, reading does not block, never one of the three standard descriptors.
result<pipe_ends> make_pipe();

// Starts the command as the leader of a new process group, with default signals.
result<pid_t> spawn_process(const process_command& command, int out, int err);

// Ends what is left of the child's process group and takes its exit status, once it has ended;
// nothing while it runs.
std::optional<process_exit> reap_if_ended(pid_t child);

// Kills the child and what is left of its process group. Before it is reaped: until then nobody
// else can get this number.
void kill_child(pid_t child);

// Kills the same and waits for the child.
process_exit kill_and_reap(pid_t child);

// Can be read (as poll() says) once the child has ended; none on a kernel that has no such thing.
file_descriptor watch_child(pid_t child);

std::int64_t steady_now_ms();

}  // namespace sluice::base
