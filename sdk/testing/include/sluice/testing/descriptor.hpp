// Whether a connector's descriptor and its table describe the same connector.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/abi.h"

// Made by sluice_add_connector, part of connector_<name>_code.
extern "C" const unsigned char sluice_descriptor_text[];
extern "C" const std::uint64_t sluice_descriptor_size;

namespace sluice::testing {

// The descriptor of the connector that is linked into the test.
inline std::string_view embedded_descriptor() {
    return {reinterpret_cast<const char*>(sluice_descriptor_text),
            static_cast<std::size_t>(sluice_descriptor_size)};
}

// What the host would refuse, one sentence each: ids that differ, actions that only one side has,
// actions that only one side calls blocking.
std::vector<std::string> descriptor_problems(const sluice_connector& connector,
                                             std::string_view descriptor);

}  // namespace sluice::testing
