#include "base/subprocess.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <system_error>

#include "base/spawn.hpp"

namespace sluice::base {

namespace {

// How long an ended child may go unnoticed while its output is still held open.
constexpr std::int64_t look_every_ms = 5;

// Takes what is there, but returns now and then for a child that never stops writing. False at the
// end of the output.
bool read_available(const file_descriptor& from, std::string& into, std::size_t limit,
                    bool& truncated) {
    std::array<char, 16384> block{};
    for (int blocks = 0; blocks < 64; ++blocks) {
        const ssize_t got = ::read(from.get(), block.data(), block.size());
        if (got == 0) return false;
        if (got < 0) {
            if (errno == EINTR) continue;
            return errno == EAGAIN;
        }
        const auto size = static_cast<std::size_t>(got);
        const std::size_t room = limit - std::min(limit, into.size());
        into.append(block.data(), std::min(size, room));
        truncated = truncated || size > room;
    }
    return true;
}

// Waits until one of the open ones has something, `ms` milliseconds at most.
void wait_for_output(const file_descriptor& a, const file_descriptor& b, std::int64_t ms) {
    // A closed descriptor is -1, which poll leaves out.
    std::array<pollfd, 2> files{pollfd{a.get(), POLLIN, 0}, pollfd{b.get(), POLLIN, 0}};
    ::poll(files.data(), files.size(), static_cast<int>(ms));
}

void drain(file_descriptor& from, std::string& into, std::size_t limit, bool& truncated) {
    if (from.is_open() && !read_available(from, into, limit, truncated)) from.close();
}

}  // namespace

std::string process_exit::to_text() const {
    if (signal == 0) return "exit code " + std::to_string(code);
    // Not strsignal, which is not safe among threads.
    const char* name = ::sigdescr_np(signal);
    return "signal " + std::to_string(signal) + " (" + (name != nullptr ? name : "unknown") + ")";
}

result<subprocess_outcome> run_subprocess(const process_command& command, std::int64_t timeout_ms,
                                          std::size_t output_limit) {
    result<pipe_ends> out = make_pipe();
    if (!out) return std::move(out).error_value();
    result<pipe_ends> err = make_pipe();
    if (!err) return std::move(err).error_value();
    const std::int64_t deadline = steady_now_ms() + timeout_ms;
    const result<pid_t> child = spawn_process(command, out->write.get(), err->write.get());
    if (!child) return child.error_value();
    out->write.close();
    err->write.close();

    subprocess_outcome outcome;
    std::optional<process_exit> ended;
    while (!ended) {
        const std::int64_t left = deadline - steady_now_ms();
        if (left <= 0) {
            outcome.timed_out = true;
            ended = kill_and_reap(*child);
            break;
        }
        wait_for_output(out->read, err->read, std::min(left, look_every_ms));
        drain(out->read, outcome.out, output_limit, outcome.truncated);
        drain(err->read, outcome.err, output_limit, outcome.truncated);
        ended = reap_if_ended(*child);
    }
    outcome.exit = *ended;
    drain(out->read, outcome.out, output_limit, outcome.truncated);
    drain(err->read, outcome.err, output_limit, outcome.truncated);
    return outcome;
}

struct child_process::state {
    pid_t pid = -1;
    file_descriptor out;
    std::string unread;
    std::optional<process_exit> exit;

    ~state() {
        if (pid > 0 && !exit) kill_and_reap(pid);
    }
};

child_process::child_process(std::unique_ptr<state> owned) : state_(std::move(owned)) {}
child_process::child_process(child_process&& other) noexcept = default;
child_process& child_process::operator=(child_process&& other) noexcept = default;
child_process::~child_process() = default;

result<child_process> child_process::start(const process_command& command,
                                           const std::filesystem::path& error_file) {
    result<pipe_ends> out = make_pipe();
    if (!out) return std::move(out).error_value();
    file_descriptor errors;
    if (!error_file.empty()) {
        errors = file_descriptor(
            ::open(error_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
        if (!errors.is_open()) {
            return make_error(error_code::unavailable, "cannot write " + error_file.string() +
                                                           ": " +
                                                           std::generic_category().message(errno));
        }
    }
    const result<pid_t> child =
        spawn_process(command, out->write.get(), errors.is_open() ? errors.get() : 2);
    if (!child) return child.error_value();
    auto owned = std::make_unique<state>();
    owned->pid = *child;
    owned->out = std::move(out->read);
    return child_process(std::move(owned));
}

pid_t child_process::pid() const { return state_->pid; }

std::optional<std::string> child_process::read_line(std::int64_t timeout_ms) {
    const std::int64_t deadline = steady_now_ms() + timeout_ms;
    bool truncated = false;
    while (true) {
        const std::size_t end = state_->unread.find('\n');
        if (end != std::string::npos) {
            std::string line = state_->unread.substr(0, end);
            state_->unread.erase(0, end + 1);
            return line;
        }
        if (!state_->out.is_open()) return std::nullopt;
        const std::size_t before = state_->unread.size();
        drain(state_->out, state_->unread, std::string::npos, truncated);
        if (state_->unread.size() > before) continue;
        const std::int64_t left = deadline - steady_now_ms();
        if (left <= 0) return std::nullopt;
        if (state_->out.is_open()) {
            wait_for_output(state_->out, {}, std::min<std::int64_t>(left, 1000));
        }
    }
}

void child_process::send_signal(int signal) {
    if (!wait(0)) ::kill(state_->pid, signal);
}

std::optional<process_exit> child_process::wait(std::int64_t timeout_ms) {
    const std::int64_t deadline = steady_now_ms() + timeout_ms;
    while (!state_->exit) {
        state_->exit = reap_if_ended(state_->pid);
        const std::int64_t left = deadline - steady_now_ms();
        if (state_->exit || left <= 0) break;
        wait_for_output({}, {}, std::min(left, look_every_ms));
    }
    return state_->exit;
}

}  // namespace sluice::base
