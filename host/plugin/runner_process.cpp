// sluice-runner as a child of ours.
#include <signal.h>
#include <stdlib.h>

#include <atomic>
#include <cerrno>
#include <mutex>
#include <system_error>
#include <utility>

#include "base/spawn.hpp"
#include "base/subprocess.hpp"
#include "net/local_channel.hpp"
#include "plugin/last_words.hpp"
#include "plugin/runner_link.hpp"

namespace sluice::plugin {

namespace {

// Input of many calls may wait for a runner that is busy; one that never reads is ended.
constexpr std::size_t waiting_limit = 256u << 20;

class runner_process final : public runner_link {
  public:
    runner_process(const runner_start& what, runner_events events)
        : events_(std::move(events)), words_(what.connector, what.log) {}

    ~runner_process() override {
        // What its events send meanwhile still finds the channel.
        if (channel_) channel_->close();
        if (pid_ > 0 && !reaping_) base::kill_and_reap(pid_);
        std::error_code ignored;
        if (!temporary_.empty()) std::filesystem::remove_all(temporary_, ignored);
    }

    base::result<void> start(const std::filesystem::path& program, const runner_start& what) {
        auto ends = net::make_local_pair();
        if (!ends) return ends.error_value();
        const auto output = words_.open();
        if (!output) return output.error_value();
        std::error_code failed;
        std::filesystem::create_directories(what.temporary_root, failed);
        const auto root = what.temporary_root.empty() ? std::filesystem::temp_directory_path(failed)
                                                      : what.temporary_root;
        std::string temporary = (std::filesystem::absolute(root) / "sluice-runner-XXXXXX").string();
        if (::mkdtemp(temporary.data()) == nullptr) {
            return base::make_error(
                base::error_code::unavailable,
                "cannot make a temporary folder: " + std::generic_category().message(errno));
        }
        temporary_ = temporary;
        base::process_command command;
        // The process begins in another folder.
        command.argv = {program.string(), std::filesystem::absolute(what.file).string(),
                        "--memory-mib",   std::to_string(what.limits.memory_mib),
                        "--temporary",    temporary,
                        "--threads",      std::to_string(what.blocking_threads),
                        "--queue",        std::to_string(what.blocking_queue)};
        if (!what.limits.network) command.argv.emplace_back("--no-network");
        if (what.limits.exec) command.argv.emplace_back("--exec");
        command.bare_environment = true;
        command.environment = {{"TMPDIR", temporary}};
        command.folder = "/";
        command.channel = ends->second.get();
        const auto child = base::spawn_process(command, *output, *output);
        if (!child) return child.error_value();
        {
            const std::lock_guard lock(mutex_);
            pid_ = *child;
        }
        words_.child_started();
        ends->second.close();
        channel_ = std::make_unique<net::local_channel>(
            std::move(ends->first), "runner", waiting_limit,
            net::local_channel::events{[this](std::string_view bytes) { received(bytes); },
                                       [this] { ended(); }},
            base::watch_child(pid_));
        return {};
    }

    void send(const frame& one) override { channel_->send(to_bytes(one)); }

    // What it has sent by now is still received: it tells which calls had begun and ended.
    void kill(std::string why) override {
        const std::lock_guard lock(mutex_);
        if (why_.empty()) why_ = std::move(why);
        if (!reaping_) base::kill_child(pid_);
    }

    pid_t pid() const override { return pid_; }

  private:
    void received(std::string_view bytes) {
        if (broken_) return;
        const auto fed = splitter_.feed(bytes, events_.received);
        if (fed) return;
        broken_ = true;
        kill("it sent " + fed.error_value().message + " and was ended");
    }

    void ended() {
        std::string how;
        {
            const std::lock_guard lock(mutex_);
            reaping_ = true;
            how = why_;
        }
        // Nobody waits for this under the mutex: a process may take its time to die.
        const base::process_exit exit = base::kill_and_reap(pid_);
        events_.ended({how.empty() ? exit.to_text() : how, words_.take(), !broken_});
    }

    const runner_events events_;
    last_words words_;
    frame_splitter splitter_;
    bool broken_ = false;  // channel's thread
    std::mutex mutex_;
    std::atomic<pid_t> pid_ = -1;
    bool reaping_ = false;  // from now on its number may become somebody else's
    std::string why_;
    std::filesystem::path temporary_;  // the process's own; goes with it
    std::unique_ptr<net::local_channel> channel_;
};

}  // namespace

start_runner process_runner(std::filesystem::path program) {
    return [program = std::move(program)](
               const runner_start& what,
               runner_events events) -> base::result<std::unique_ptr<runner_link>> {
        auto made = std::make_unique<runner_process>(what, std::move(events));
        if (auto started = made->start(program, what); !started) {
            base::error why = started.error_value();
            why.message = "its runner did not start: " + why.message;
            why.hint = "Is sluice-runner installed beside sluice? `--runner` names another place.";
            return why;
        }
        return std::unique_ptr<runner_link>(std::move(made));
    };
}

}  // namespace sluice::plugin
