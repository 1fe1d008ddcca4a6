#include "program.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <sluice/failure.hpp>
#include <sluice/file_descriptor.hpp>
#include <utility>

namespace sluice::pdf {
namespace {

constexpr int input_in_child = 3;
constexpr std::size_t kept_errors = 2'000;
constexpr int look_every_ms = 100;  // at `cancelled`

using time_point = std::chrono::steady_clock::time_point;

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

class spawn_plan {
  public:
    spawn_plan() { ::posix_spawn_file_actions_init(&actions_); }
    spawn_plan(const spawn_plan&) = delete;
    spawn_plan& operator=(const spawn_plan&) = delete;
    ~spawn_plan() { ::posix_spawn_file_actions_destroy(&actions_); }

    void nothing_at(int number) {
        ::posix_spawn_file_actions_addopen(&actions_, number, "/dev/null", O_RDONLY, 0);
    }
    void put(int from, int number) { ::posix_spawn_file_actions_adddup2(&actions_, from, number); }
    const posix_spawn_file_actions_t* get() const { return &actions_; }

  private:
    posix_spawn_file_actions_t actions_;
};

// Ends the program when it has not ended by itself, and always collects it.
class child {
  public:
    explicit child(pid_t id) noexcept : id_(id) {}
    child(const child&) = delete;
    child& operator=(const child&) = delete;
    ~child() {
        if (id_ <= 0) return;
        ::kill(id_, SIGKILL);
        wait();
    }
    pid_t id() const noexcept { return id_; }
    int wait() noexcept {
        int status = 0;
        while (::waitpid(id_, &status, 0) < 0 && errno == EINTR) {
        }
        id_ = 0;
        return status;
    }

  private:
    pid_t id_;
};

void limit(pid_t program, const program_limits& limits) {
    const auto seconds = static_cast<rlim_t>(limits.seconds);
    const rlimit time{seconds, seconds};
    const rlimit memory{limits.memory_bytes, limits.memory_bytes};
    const rlimit nothing{0, 0};
    ::prlimit(program, RLIMIT_CPU, &time, nullptr);
    ::prlimit(program, RLIMIT_AS, &memory, nullptr);
    ::prlimit(program, RLIMIT_CORE, &nothing, nullptr);
}

pid_t start(std::vector<std::string>& arguments, const spawn_plan& plan) {
    std::vector<char*> words;
    for (std::string& word : arguments)
        words.push_back(word.data());
    words.push_back(nullptr);
    std::string language = "LC_ALL=C.UTF-8";
    const std::array<char*, 2> environment{language.data(), nullptr};
    for (const char* folder : {"/usr/local/bin/", "/usr/bin/", "/bin/"}) {
        const std::string path = folder + arguments.front();
        pid_t started = 0;
        const int problem = ::posix_spawn(&started, path.c_str(), plan.get(), nullptr, words.data(),
                                          environment.data());
        if (problem == 0) return started;
        if (problem != ENOENT) {
            throw failure(SLUICE_UNAVAILABLE, arguments.front() + " cannot be started now");
        }
    }
    throw failure(SLUICE_UNSUPPORTED,
                  arguments.front() + " is not installed; on Debian it is in poppler-utils");
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

void read_all(program_end& end, pipe_ends& output, pipe_ends& errors, const std::string& name,
              const program_limits& limits, const std::function<bool()>& cancelled) {
    const time_point last = std::chrono::steady_clock::now() + std::chrono::seconds(limits.seconds);
    std::array<pollfd, 2> watched{pollfd{output.reading.get(), POLLIN, 0},
                                  pollfd{errors.reading.get(), POLLIN, 0}};
    while (watched[0].fd >= 0 || watched[1].fd >= 0) {
        if (cancelled()) throw failure(SLUICE_CANCELLED, "the call was cancelled");
        if (std::chrono::steady_clock::now() > last) {
            throw failure(SLUICE_TIMEOUT,
                          name + " needed longer than " + std::to_string(limits.seconds) + " s");
        }
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

}  // namespace

program_end run_program(std::vector<std::string> arguments, int input, const program_limits& limits,
                        const std::function<bool()>& cancelled) {
    for (std::string& word : arguments) {
        if (word == "{input}") word = "/dev/fd/" + std::to_string(input_in_child);
    }
    pipe_ends output = make_pipe();
    pipe_ends errors = make_pipe();
    spawn_plan plan;
    plan.nothing_at(STDIN_FILENO);
    plan.put(output.writing.get(), STDOUT_FILENO);
    plan.put(errors.writing.get(), STDERR_FILENO);
    plan.put(input, input_in_child);
    child running(start(arguments, plan));
    limit(running.id(), limits);
    output.writing = file_descriptor();
    errors.writing = file_descriptor();

    program_end end;
    read_all(end, output, errors, arguments.front(), limits, cancelled);
    const int status = running.wait();
    if (WIFSIGNALED(status)) {
        throw failure(SLUICE_INVALID_INPUT, arguments.front() + " died of signal " +
                                                std::to_string(WTERMSIG(status)) +
                                                " while it read the file");
    }
    end.exit_code = WEXITSTATUS(status);
    return end;
}

}  // namespace sluice::pdf
