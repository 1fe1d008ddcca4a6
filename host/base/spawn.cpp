#include "base/spawn.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <system_error>

#include "base/clock.hpp"

// POSIX declares it nowhere.
extern char** environ;  // NOLINT

namespace sluice::base {

namespace {

error system_failure(const std::string& what, int reason) {
    const bool missing = reason == ENOENT;
    return make_error(missing ? error_code::not_found : error_code::unavailable,
                      what + ": " + std::generic_category().message(reason));
}

// A file in memory at its beginning: the child reads at its own pace, and nobody has to write.
result<file_descriptor> make_stdin(const std::string& text) {
    if (text.empty()) {
        file_descriptor null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
        if (!null.is_open()) return system_failure("cannot open /dev/null", errno);
        return null;
    }
    file_descriptor memory(::memfd_create("stdin", MFD_CLOEXEC));
    if (!memory.is_open()) return system_failure("cannot make standard input", errno);
    for (std::size_t done = 0; done < text.size();) {
        const ssize_t written = ::write(memory.get(), text.data() + done, text.size() - done);
        if (written < 0 && errno != EINTR)
            return system_failure("cannot fill standard input", errno);
        if (written > 0) done += static_cast<std::size_t>(written);
    }
    if (::lseek(memory.get(), 0, SEEK_SET) != 0) {
        return system_failure("cannot rewind standard input", errno);
    }
    return memory;
}

// Moves a descriptor out of the way of 0, 1 and 2, which the child's dup2 would overwrite.
file_descriptor above_standard(file_descriptor file) {
    if (file.get() > 2) return file;
    return file_descriptor(::fcntl(file.get(), F_DUPFD_CLOEXEC, 3));
}

std::vector<std::string> make_environment(const process_command& command) {
    std::vector<std::string> made;
    for (char** entry = environ; *entry != nullptr && !command.bare_environment; ++entry) {
        const std::string_view ours = *entry;
        bool replaced = false;
        for (const auto& [name, content] : command.environment) {
            replaced = replaced || ours.starts_with(name + "=");
        }
        if (!replaced) made.emplace_back(ours);
    }
    for (const auto& [name, content] : command.environment)
        made.push_back(name + "=" + content);
    return made;
}

std::vector<char*> as_pointers(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (std::string& text : texts)
        pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

// posix_spawn's settings, released at the end.
class spawn_settings {
  public:
    spawn_settings() {
        ::posix_spawn_file_actions_init(&actions_);
        ::posix_spawnattr_init(&attributes_);
        sigset_t none;
        sigset_t all;
        ::sigemptyset(&none);
        ::sigfillset(&all);
        ::posix_spawnattr_setsigmask(&attributes_, &none);
        ::posix_spawnattr_setsigdefault(&attributes_, &all);
        ::posix_spawnattr_setpgroup(&attributes_, 0);
        ::posix_spawnattr_setflags(
            &attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    }
    spawn_settings(const spawn_settings&) = delete;
    spawn_settings& operator=(const spawn_settings&) = delete;
    ~spawn_settings() {
        ::posix_spawn_file_actions_destroy(&actions_);
        ::posix_spawnattr_destroy(&attributes_);
    }
    void use_folder(const std::filesystem::path& folder) {
        ::posix_spawn_file_actions_addchdir_np(&actions_, folder.c_str());
    }
    void use_standard_files(int in, int out, int err) {
        ::posix_spawn_file_actions_adddup2(&actions_, in, 0);
        ::posix_spawn_file_actions_adddup2(&actions_, out, 1);
        ::posix_spawn_file_actions_adddup2(&actions_, err, 2);
    }
    void use_channel(int channel) {
        if (channel >= 0) ::posix_spawn_file_actions_adddup2(&actions_, channel, 3);
        ::posix_spawn_file_actions_addclosefrom_np(&actions_, channel >= 0 ? 4 : 3);
    }
    const posix_spawn_file_actions_t* actions() const { return &actions_; }
    const posix_spawnattr_t* attributes() const { return &attributes_; }

  private:
    posix_spawn_file_actions_t actions_{};
    posix_spawnattr_t attributes_{};
};

process_exit to_exit(int status) {
    process_exit exit;
    if (WIFSIGNALED(status)) {
        exit.signal = WTERMSIG(status);
    } else {
        exit.code = WEXITSTATUS(status);
    }
    return exit;
}

process_exit reap(pid_t child) {
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return to_exit(status);
}

}  // namespace

result<pipe_ends> make_pipe() {
    int ends[2] = {-1, -1};
    if (::pipe2(ends, O_CLOEXEC) != 0) return system_failure("cannot make a pipe", errno);
    pipe_ends made{above_standard(file_descriptor(ends[0])),
                   above_standard(file_descriptor(ends[1]))};
    if (!made.read.is_open() || !made.write.is_open() ||
        ::fcntl(made.read.get(), F_SETFL, O_NONBLOCK) != 0) {
        return system_failure("cannot make a pipe", errno);
    }
    return made;
}

result<pid_t> spawn_process(const process_command& command, int out, int err) {
    if (command.argv.empty()) return make_error(error_code::invalid_input, "no program to start");
    result<file_descriptor> opened = make_stdin(command.stdin_text);
    if (!opened) return std::move(opened).error_value();
    const file_descriptor in = above_standard(std::move(opened).value());
    if (!in.is_open()) return system_failure("cannot make standard input", errno);

    spawn_settings settings;
    settings.use_standard_files(in.get(), out, err);
    settings.use_channel(command.channel);
    if (!command.folder.empty()) settings.use_folder(command.folder);
    std::vector<std::string> argv = command.argv;
    std::vector<std::string> environment = make_environment(command);
    pid_t child = -1;
    const int failed =
        ::posix_spawnp(&child, argv[0].c_str(), settings.actions(), settings.attributes(),
                       as_pointers(argv).data(), as_pointers(environment).data());
    if (failed != 0) return system_failure("cannot start " + command.argv[0], failed);
    return child;
}

std::optional<process_exit> reap_if_ended(pid_t child) {
    siginfo_t info{};
    const int got = ::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOHANG | WNOWAIT);
    if (got == 0 && info.si_pid == 0) return std::nullopt;
    return kill_and_reap(child);
}

void kill_child(pid_t child) {
    // A child may have left its group.
    ::kill(child, SIGKILL);
    ::kill(-child, SIGKILL);
}

process_exit kill_and_reap(pid_t child) {
    kill_child(child);
    return reap(child);
}

file_descriptor watch_child(pid_t child) {
    // The C library has no function for it yet. Closed on exec by itself.
    return file_descriptor(static_cast<int>(::syscall(SYS_pidfd_open, child, 0)));
}

std::int64_t steady_now_ms() { return system_clock().steady_ns() / 1'000'000; }

}  // namespace sluice::base
