// sluice.clock/1
#include "plugin/connector_state.hpp"
#include "plugin/services.hpp"

namespace sluice::plugin {
namespace {

std::int64_t SLUICE_CALL unix_ms(const sluice_host* host) {
    return static_cast<const connector_state*>(host->impl)->shared->ports.clock.unix_ms();
}

}  // namespace

const sluice_clock_1& clock_service() {
    static constexpr sluice_clock_1 table = {unix_ms};
    return table;
}

}  // namespace sluice::plugin
