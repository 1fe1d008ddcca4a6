// sluice-runner: runs one connector for a host, which has started it and speaks frames on
// descriptor 3. Not for people.
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <variant>

#include "base/clock.hpp"
#include "json/text.hpp"
#include "net/io_loop.hpp"
#include "net/local_channel.hpp"
#include "plugin/abi_error.hpp"
#include "plugin/crash_note.hpp"
#include "plugin/library.hpp"
#include "plugin/scan.hpp"
#include "runner/core.hpp"
#include "runner/hardening.hpp"

#if defined(__SANITIZE_ADDRESS__)
// A crash must be seen as the signal it is; and looking for leaks needs ptrace.
extern "C" __attribute__((visibility("default"))) const char* __asan_default_options();
extern "C" const char* __asan_default_options() {
    return "handle_segv=0:handle_sigbus=0:handle_abort=0:handle_sigfpe=0:handle_sigill=0:"
           "detect_leaks=0:allow_user_segv_handler=1";
}
#endif

namespace sluice::runner {
namespace {

constexpr int channel_descriptor = 3;
constexpr int exit_usage = 64;
constexpr int exit_protocol = 70;
constexpr std::size_t waiting_limit = 256u << 20;

struct settings {
    hardening_options limits;
    std::size_t threads = 16;
    std::size_t queue = 1'000;
};

bool parse(int count, char** given, settings& out) {
    hardening_options& options = out.limits;
    for (int index = 1; index < count; ++index) {
        const std::string_view word = given[index];
        const bool more = index + 1 < count;
        if (word == "--no-network") {
            options.network = false;
        } else if (word == "--exec") {
            options.exec = true;
        } else if (word == "--landlock-at-most" && more) {
            options.landlock_at_most = std::atoi(given[++index]);
        } else if (word == "--memory-mib" && more) {
            options.memory_mib = std::strtoull(given[++index], nullptr, 10);
        } else if (word == "--threads" && more) {
            out.threads = std::strtoull(given[++index], nullptr, 10);
        } else if (word == "--queue" && more) {
            out.queue = std::strtoull(given[++index], nullptr, 10);
        } else if (word == "--temporary" && more) {
            options.temporary = given[++index];
        } else if (options.library.empty() && !word.starts_with("-")) {
            options.library = word;
        } else {
            return false;
        }
    }
    return !options.library.empty() && options.memory_mib > 0 && out.threads > 0;
}

struct loaded {
    base::result<plugin::library> code;
    std::string name;
};

loaded load(const std::filesystem::path& file) {
    const auto verdict = plugin::inspect_file(file);
    if (const auto* refused = std::get_if<plugin::refusal>(&verdict)) {
        return {
            base::make_error(base::error_code::invalid_input, refused->reason, refused->next_step),
            ""};
    }
    const auto& found = std::get<plugin::found_connector>(verdict);
    return {plugin::load_library(found.file, found.description),
            found.description.id + " " + found.description.version.to_text()};
}

// Before the library is loaded, which may write there what it likes. The socket is new and takes
// it at once.
bool tell_hardening(const plugin::hardening_report& report) {
    plugin::frame one;
    one.kind = plugin::frame_kind::hardened;
    one.body = plugin::frame_writer().text(json::to_text(plugin::to_json(report))).take();
    const std::string bytes = plugin::to_bytes(one);
    return ::write(channel_descriptor, bytes.data(), bytes.size()) ==
           static_cast<ssize_t>(bytes.size());
}

// The host asks for an explanation rather than for a process that is gone.
int explain(const base::error& why) {
    net::io_loop loop;
    net::local_channel channel(base::file_descriptor(channel_descriptor), "host", waiting_limit,
                               {[](std::string_view) {}, [&loop] { loop.stop(); }});
    const sluice_error error = plugin::to_abi_error(why);
    plugin::frame opened;
    opened.kind = plugin::frame_kind::opened;
    opened.body = plugin::frame_writer().failure(&error).take();
    channel.send(plugin::to_bytes(opened));
    loop.run();
    return 1;
}

int serve(plugin::library code, core_options options) {
    net::io_loop loop;
    std::unique_ptr<net::local_channel> channel;
    plugin::frame_splitter splitter;
    options.flush = [&channel] { channel->flush(); };
    const auto own = std::make_shared<core>(
        std::move(code), loop, std::move(options),
        [&channel](const plugin::frame& one) { channel->send(plugin::to_bytes(one)); },
        // Whatever threads the connector has left, they end with the process.
        [] { ::_exit(0); });
    loop.post([&] {
        channel = std::make_unique<net::local_channel>(
            base::file_descriptor(channel_descriptor), "host", waiting_limit,
            net::local_channel::events{[&](std::string_view bytes) {
                                           const auto take = [&own](plugin::frame one) {
                                               if (!own->received(one)) ::_exit(exit_protocol);
                                           };
                                           if (!splitter.feed(bytes, take)) ::_exit(exit_protocol);
                                       },
                                       // Without its host nobody wants it.
                                       [] { ::_exit(0); }});
    });
    loop.run();
    return 0;
}

int run(int count, char** given) {
    settings asked;
    const hardening_options& options = asked.limits;
    if (!parse(count, given, asked) || ::fcntl(channel_descriptor, F_GETFD) < 0) {
        std::fputs("sluice-runner is started by `sluice serve` alone.\n", stderr);
        return exit_usage;
    }
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::close_range(channel_descriptor + 1, ~0u, 0);
    // Programs that the connector runs have nothing to say to the host.
    ::fcntl(channel_descriptor, F_SETFD, FD_CLOEXEC);
    if (!tell_hardening(harden(options))) return exit_protocol;
    plugin::install_crash_note();
    loaded found = load(options.library);
    if (!found.code) return explain(found.code.error_value());
    base::system_clock clock;
    core_options own{found.name, clock, asked.threads, asked.queue};
    return serve(std::move(*found.code), std::move(own));
}

}  // namespace
}  // namespace sluice::runner

int main(int count, char** given) { return sluice::runner::run(count, given); }
