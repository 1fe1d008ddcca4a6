#include "layout.h"

#include <type_traits>

SLUICE_DESCRIPTOR("{}");
SLUICE_EXPORT const sluice_connector* SLUICE_CALL sluice_connector_v1(void);

// Nothing of C++ crosses.
static_assert(std::is_standard_layout_v<sluice_host> && std::is_trivial_v<sluice_host>);
static_assert(std::is_standard_layout_v<sluice_connector> && std::is_trivial_v<sluice_connector>);
static_assert(std::is_standard_layout_v<sluice_request> && std::is_trivial_v<sluice_request>);

namespace {
[[maybe_unused]] bool has_id(const sluice_connector* connector) {
    return SLUICE_HAS(connector, id);
}
}  // namespace
