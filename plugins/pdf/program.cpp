#include "program.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <sluice/failure.hpp>
#include <sluice/file_descriptor.hpp>
#include <utility>

namespace sluice::pdf {
namespace {

constexpr int input_in_child = 3;
constexpr std::size_t kept_errors = 2'000;
constexpr int look_every_ms = 100;  // at `cancelled`

struct pipe_ends {
    file_descriptor reading;
    file_descriptor writing;
};

pipe_ends make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        throw failure(SLUICE_UNAVAILABLE, "the machine has no pipe for another program");
    }
    return {file_descriptor(ends[0]), file_descriptor(ends[1])};
}

// What the program begins with: a few descriptors, none of those that the host has open, and a
// process group of its own, so that whatever it starts can be ended with it. In an isolated
// connector groups are the host's, which ends all that is left with the connector's process.
class spawn_plan {
  public:
    spawn_plan() {
        sigset_t none;
        sigset_t all;
        ::sigemptyset(&none);
        ::sigfillset(&all);
        ::posix_spawn_file_actions_init(&actions_);
        ::posix_spawnattr_init(&attributes_);
        ::posix_spawnattr_setpgroup(&attributes_, 0);
        ::posix_spawnattr_setsigmask(&attributes_, &none);
        ::posix_spawnattr_setsigdefault(&attributes_, &all);
        set_flags(true);
    }
    spawn_plan(const spawn_plan&) = delete;
    spawn_plan& operator=(const spawn_plan&) = delete;
    ~spawn_plan() {
        ::posix_spawn_file_actions_destroy(&actions_);
        ::posix_spawnattr_destroy(&attributes_);
    }

    void use(int input, int output, int errors) {
        ::posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        ::posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
        ::posix_spawn_file_actions_adddup2(&actions_, errors, STDERR_FILENO);
        ::posix_spawn_file_actions_adddup2(&actions_, input, input_in_child);
        ::posix_spawn_file_actions_addclosefrom_np(&actions_, input_in_child + 1);
    }
    // The error number of posix_spawn, 0 when the program runs.
    int spawn(char* const* words, char* const* environment, pid_t& started) {
        const auto attempt = [&] {
            return ::posix_spawn(&started, words[0], &actions_, &attributes_, words, environment);
        };
        const int problem = attempt();
        if (problem != EPERM) return problem;
        set_flags(false);
        return attempt();
    }
    bool has_own_group() const { return own_group_; }

  private:
    void set_flags(bool own_group) {
        own_group_ = own_group;
        const int group = own_group ? POSIX_SPAWN_SETPGROUP : 0;
        ::posix_spawnattr_setflags(&attributes_, static_cast<short>(group | POSIX_SPAWN_SETSIGMASK |
                                                                    POSIX_SPAWN_SETSIGDEF));
    }

    bool own_group_ = true;
    posix_spawn_file_actions_t actions_;
    posix_spawnattr_t attributes_;
};

// Ends the program, with what it has started, when it has not ended by itself; always collects it.
class child {
  public:
    child(pid_t id, bool has_own_group) noexcept : id_(id), has_own_group_(has_own_group) {}
    child(const child&) = delete;
    child& operator=(const child&) = delete;
    ~child() {
        if (id_ > 0) collect();
    }
    bool has_ended() const noexcept {
        siginfo_t about{};
        const int problem =
            ::waitid(P_PID, static_cast<id_t>(id_), &about, WEXITED | WNOHANG | WNOWAIT);
        return problem == 0 && about.si_pid == id_;
    }
    int collect() noexcept {
        int status = 0;
        ::kill(has_own_group_ ? -id_ : id_, SIGKILL);
        while (::waitpid(id_, &status, 0) < 0 && errno == EINTR) {
        }
        id_ = 0;
        return status;
    }

  private:
    pid_t id_;
    bool has_own_group_;
};

std::string path_of(const std::string& program) {
    for (const char* folder : {"/usr/local/bin/", "/usr/bin/", "/bin/"}) {
        std::string path = folder + program;
        if (::access(path.c_str(), X_OK) == 0) return path;
    }
    throw failure(SLUICE_UNSUPPORTED,
                  program + " is not installed; on Debian it is in poppler-utils");
}

// Nobody may raise a limit that was set for this process, as an isolated connector's memory is; the
// program gets no more than that then.
std::uint64_t at_most(__rlimit_resource what, std::uint64_t wanted) {
    rlimit present{};
    if (::getrlimit(what, &present) != 0) return wanted;
    return std::min<std::uint64_t>(wanted, present.rlim_cur);
}

// A shell sets the limits and then becomes the program: so there is no moment without them.
constexpr int no_limits = 125;
std::vector<std::string> with_limits(std::vector<std::string> arguments,
                                     const program_limits& limits) {
    arguments.front() = path_of(arguments.front());
    const std::string refuse = " || exit " + std::to_string(no_limits) + "; ";
    const auto seconds = at_most(RLIMIT_CPU, static_cast<std::uint64_t>(limits.seconds));
    const auto memory_kib = at_most(RLIMIT_AS, limits.memory_bytes) / 1024;
    const std::vector<std::string> shell{"/bin/sh", "-c",
                                         "ulimit -c 0" + refuse + "ulimit -t " +
                                             std::to_string(seconds) + refuse + "ulimit -v " +
                                             std::to_string(memory_kib) + refuse + "exec \"$@\"",
                                         "sh"};
    arguments.insert(arguments.begin(), shell.begin(), shell.end());
    return arguments;
}

pid_t start(std::vector<std::string> arguments, spawn_plan& plan) {
    std::vector<char*> words;
    for (std::string& word : arguments)
        words.push_back(word.data());
    words.push_back(nullptr);
    std::string language = "LC_ALL=C.UTF-8";
    const std::array<char*, 2> environment{language.data(), nullptr};
    pid_t started = 0;
    if (plan.spawn(words.data(), environment.data(), started) != 0) {
        throw failure(SLUICE_UNAVAILABLE, "another program cannot be started now");
    }
    return started;
}

// What has arrived; false at the end of the stream.
bool take(const file_descriptor& from, std::string& into, std::size_t most, bool& too_much) {
    std::array<char, 16 * 1024> bytes{};
    const ssize_t count = ::read(from.get(), bytes.data(), bytes.size());
    if (count < 0) return errno == EINTR || errno == EAGAIN;
    const auto room = most - std::min(most, into.size());
    too_much = static_cast<std::size_t>(count) > room;
    into.append(bytes.data(), std::min(room, static_cast<std::size_t>(count)));
    return count > 0;
}

// Until when the program may run, and whether anybody still wants it.
class patience {
  public:
    patience(std::string name, int seconds, const std::function<bool()>& cancelled)
        : name_(std::move(name)),
          seconds_(seconds),
          last_(std::chrono::steady_clock::now() + std::chrono::seconds(seconds)),
          cancelled_(cancelled) {}

    void check() const {
        if (cancelled_()) throw failure(SLUICE_CANCELLED, "the call was cancelled");
        if (std::chrono::steady_clock::now() > last_) too_long();
    }
    [[noreturn]] void too_long() const {
        throw failure(SLUICE_TIMEOUT,
                      name_ + " needed longer than " + std::to_string(seconds_) + " s");
    }

  private:
    std::string name_;
    int seconds_;
    std::chrono::steady_clock::time_point last_;
    const std::function<bool()>& cancelled_;
};

void read_all(program_end& end, pipe_ends& output, pipe_ends& errors, const std::string& name,
              const program_limits& limits, const patience& waiting) {
    std::array<pollfd, 2> watched{pollfd{output.reading.get(), POLLIN, 0},
                                  pollfd{errors.reading.get(), POLLIN, 0}};
    while (watched[0].fd >= 0 || watched[1].fd >= 0) {
        waiting.check();
        if (::poll(watched.data(), watched.size(), look_every_ms) <= 0) continue;
        bool too_much = false;
        if (watched[0].revents != 0 &&
            !take(output.reading, end.output, limits.output_bytes, too_much)) {
            watched[0].fd = -1;
        }
        if (too_much) {
            throw failure(SLUICE_INVALID_INPUT, name + " found more than " +
                                                    std::to_string(limits.output_bytes) +
                                                    " bytes; ask for fewer pages at once");
        }
        bool dropped = false;
        if (watched[1].revents != 0 && !take(errors.reading, end.errors, kept_errors, dropped)) {
            watched[1].fd = -1;
        }
    }
}

// It may have closed its output long before it ends.
int wait_for(child& running, const patience& waiting) {
    for (int pause_ms = 1; !running.has_ended(); pause_ms = std::min(2 * pause_ms, look_every_ms)) {
        waiting.check();
        ::poll(nullptr, 0, pause_ms);
    }
    return running.collect();
}

}  // namespace

program_end run_program(std::vector<std::string> arguments, int input, const program_limits& limits,
                        const std::function<bool()>& cancelled) {
    for (std::string& word : arguments) {
        if (word == "{input}") word = "/dev/fd/" + std::to_string(input_in_child);
    }
    pipe_ends output = make_pipe();
    pipe_ends errors = make_pipe();
    spawn_plan plan;
    plan.use(input, output.writing.get(), errors.writing.get());
    const std::string name = arguments.front();
    const patience waiting(name, limits.seconds, cancelled);
    const pid_t started = start(with_limits(std::move(arguments), limits), plan);
    child running(started, plan.has_own_group());
    output.writing = file_descriptor();
    errors.writing = file_descriptor();

    program_end end;
    read_all(end, output, errors, name, limits, waiting);
    const int status = wait_for(running, waiting);
    if (WIFSIGNALED(status)) {
        // What it used up of the processor's time has passed on the clock as well.
        waiting.check();
        if (WTERMSIG(status) == SIGXCPU) waiting.too_long();
    }
    if (WIFSIGNALED(status)) {
        throw failure(SLUICE_INVALID_INPUT, name + " died of signal " +
                                                std::to_string(WTERMSIG(status)) +
                                                " while it read the file");
    }
    if (WEXITSTATUS(status) == no_limits) {
        throw failure(SLUICE_UNAVAILABLE, name + " cannot be limited, so it was not started");
    }
    end.exit_code = WEXITSTATUS(status);
    return end;
}

}  // namespace sluice::pdf
