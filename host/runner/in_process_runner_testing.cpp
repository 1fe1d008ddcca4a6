#include "runner/in_process_runner_testing.hpp"

#include <atomic>
#include <memory>
#include <utility>
#include <variant>

#include "plugin/library.hpp"
#include "plugin/scan.hpp"
#include "runner/core.hpp"

namespace sluice::runner {

namespace {

using plugin::frame;

// Every frame goes through its bytes, so that what could not travel is noticed.
frame through_bytes(const frame& one) {
    plugin::frame_splitter splitter;
    frame out;
    const auto fed =
        splitter.feed(plugin::to_bytes(one), [&out](frame got) { out = std::move(got); });
    if (!fed) std::abort();
    return out;
}

class in_process_link final : public plugin::runner_link {
  public:
    in_process_link(plugin::library code, base::event_loop& loop, base::clock& clock,
                    const plugin::runner_start& what, plugin::runner_events events)
        : loop_(loop), events_(std::make_shared<plugin::runner_events>(std::move(events))) {
        core_options options{what.connector, clock, what.blocking_threads, what.blocking_queue};
        core_ = std::make_shared<core>(
            std::move(code), loop, options,
            [to = events_](const frame& one) { to->received(through_bytes(one)); }, [] {});
        frame hardened;
        hardened.kind = plugin::frame_kind::hardened;
        hardened.body = plugin::frame_writer().text("{}").take();
        events_->received(std::move(hardened));
    }
    void send(const frame& one) override {
        if (!core_->received(through_bytes(one))) kill("the host broke the protocol");
    }
    void kill(std::string why) override {
        if (ended_.exchange(true)) return;
        core_->host_is_gone();
        loop_.post([to = std::weak_ptr(events_), why = std::move(why)] {
            if (const auto events = to.lock()) events->ended({why, "", true});
        });
    }
    pid_t pid() const override { return 4711; }

  private:
    base::event_loop& loop_;
    std::shared_ptr<plugin::runner_events> events_;
    std::atomic<bool> ended_{false};
    std::shared_ptr<core> core_;
};

}  // namespace

plugin::start_runner in_process_runner(base::event_loop& loop, base::clock& clock) {
    return [&loop, &clock](
               const plugin::runner_start& what,
               plugin::runner_events events) -> base::result<std::unique_ptr<plugin::runner_link>> {
        const auto verdict = plugin::inspect_file(what.file);
        const auto& found = std::get<plugin::found_connector>(verdict);
        auto code = plugin::load_library(found.file, found.description);
        if (!code) return code.error_value();
        return std::unique_ptr<plugin::runner_link>(std::make_unique<in_process_link>(
            std::move(*code), loop, clock, what, std::move(events)));
    };
}

}  // namespace sluice::runner
