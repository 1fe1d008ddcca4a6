#include "plugin/services.hpp"

#include <algorithm>
#include <array>

namespace sluice::plugin {

std::span<const service_entry> services() {
    static const auto all = std::to_array<service_entry>({
        {"sluice.http/1", &http_service(), service_port::http},
        {"sluice.blob/1", &blob_service(), service_port::none},
        {"sluice.state/1", &state_service(), service_port::state},
        {"sluice.work/1", &work_service(), service_port::none},
        {"sluice.timer/1", &timer_service(), service_port::none},
        {"sluice.clock/1", &clock_service(), service_port::none},
        {"sluice.session/1", &session_service(), service_port::none},
    });
    return all;
}

const service_entry* find_service(std::string_view id) {
    const auto found = std::ranges::find(services(), id, &service_entry::id);
    return found == services().end() ? nullptr : &*found;
}

}  // namespace sluice::plugin
