#include "cli/offline_host.hpp"

#include <csignal>
#include <string_view>
#include <utility>

#include <unistd.h>

#include "base/ids.hpp"
#include "cli/exit_code.hpp"

namespace sluice::cli {
namespace {

constexpr unsigned patience_s = 5;

// Nothing here may allocate or lock: threads of connectors still run.
void give_up(int) {
    constexpr std::string_view why =
        "error: interrupted, and a connector does not come to an end\n";
    [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, why.data(), why.size());
    ::_exit(exit_refused);
}

struct sigaction of_the_loop;  // the handler of both signals

void begin_to_give_up(int signal) {
    ::alarm(patience_s);
    of_the_loop.sa_handler(signal);
}

// The loop may stand inside a connector that never returns; its own handler only wakes it.
void limit_patience() {
    std::signal(SIGALRM, give_up);
    for (const int signal : {SIGTERM, SIGINT}) {
        struct sigaction now = {};
        ::sigaction(signal, nullptr, &now);
        if (now.sa_handler == begin_to_give_up) continue;
        of_the_loop = now;
        now.sa_handler = begin_to_give_up;
        ::sigaction(signal, &now, nullptr);
    }
}

}  // namespace

offline_host::offline_host(time how) : how_(how) {
    if (how == time::fake) {
        fake_clock_.advance_ms(real_clock_.unix_ms() - fake_clock_.unix_ms());
        return;
    }
    real_loop_ = std::make_unique<net::io_loop>();
    real_loop_->add_signal_handler({SIGTERM, SIGINT}, [this](int) {
        interrupted_ = true;
        real_loop_->stop();
    });
    limit_patience();
}

offline_host::~offline_host() {
    if (connectors_) {
        bool closed = false;
        connectors_->connectors().shutdown(1'000, [this, &closed](std::size_t) {
            closed = true;
            real_loop_->stop();
        });
        // A signal, or a finish() that was on its way, stops the loop, too.
        while (!closed)
            real_loop_->run();
        connectors_.reset();
    }
    network_.reset();
    if (interrupted_) ::alarm(0);
    std::error_code ignored;
    if (!cache_.empty()) std::filesystem::remove_all(cache_, ignored);
}

base::result<void> offline_host::use_connectors(const std::filesystem::path& plugins,
                                                const std::vector<std::string>& allow_egress) {
    std::error_code failed;
    const std::filesystem::path temporary = std::filesystem::temp_directory_path(failed);
    if (failed) {
        return base::make_error(base::error_code::unavailable,
                                "there is no temporary folder: " + failed.message());
    }
    cache_ = temporary / ("sluice-run-" + base::make_token(random_).substr(0, 16));
    auto opened = connector_host::open({plugins, cache_, allow_egress, {}}, *real_loop_,
                                       real_clock_, nullptr);
    if (!opened) return std::move(opened).error_value();
    connectors_ = std::move(*opened);
    return {};
}

base::result<void> offline_host::use_network(const std::vector<std::string>& allow_egress,
                                             const std::string& ca_file) {
    auto opened = outgoing_network::open(*real_loop_, allow_egress, ca_file);
    if (!opened) return std::move(opened).error_value();
    network_ = std::move(*opened);
    return {};
}

base::event_loop& offline_host::loop() {
    if (how_ == time::fake) return fake_loop_;
    return *real_loop_;
}

base::clock& offline_host::clock() {
    if (how_ == time::fake) return fake_clock_;
    return real_clock_;
}

void offline_host::set_clock(std::int64_t unix_ms) {
    fake_clock_.advance_ms(unix_ms - fake_clock_.unix_ms());
}

plugin::http_port* offline_host::http() {
    if (connectors_) return &connectors_->http();
    return network_ ? &network_->http() : nullptr;
}

bool offline_host::run() {
    if (how_ == time::fake) {
        run_fake();
    } else {
        real_loop_->run();
    }
    return !interrupted_;
}

void offline_host::run_fake() {
    while (!finished_) {
        if (fake_loop_.run_ready() == 0 && !fake_loop_.advance_to_next_timer()) return;
    }
}

void offline_host::finish() {
    finished_ = true;
    if (real_loop_) real_loop_->stop();
}

}  // namespace sluice::cli
