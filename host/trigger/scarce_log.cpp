#include "trigger/scarce_log.hpp"

#include <utility>

namespace sluice::trigger {
namespace {

constexpr std::int64_t pause_ms = 1'000;

}  // namespace

void scarce_log::write(base::log_level level, std::string_view message,
                       const engine::bound_flow& flow, std::string why) {
    write(level, message, flow.instance, flow.flow->name, std::move(why));
}

void scarce_log::write(base::log_level level, std::string_view message, std::string_view instance,
                       std::string_view flow, std::string why) {
    const std::int64_t now = clock_.unix_ms();
    if (now < next_ms_) {
        ++not_written_;
        return;
    }
    next_ms_ = now + pause_ms;
    base::log(level, message,
              {{"instance", std::string(instance)},
               {"flow", std::string(flow)},
               {"why", std::move(why)},
               {"not_logged_before", std::to_string(std::exchange(not_written_, 0))}});
}

}  // namespace sluice::trigger
