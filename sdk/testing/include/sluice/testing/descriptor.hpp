// Whether a connector's descriptor and its table describe the same connector.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/abi.h"
#include "sluice/json.hpp"
#include "sluice/testing/mock_host.hpp"

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

// Runs each action of a descriptor with the input of its first example, once without
// each required member and once with `true` in its place. One sentence for each that does not fail
// as SLUICE_INVALID_INPUT with the member's name in the message. `prepare` may change an example,
// for files that exist.
std::vector<std::string> missing_input_problems(
    mock_host& host, std::string_view descriptor, const json& connection,
    const std::function<void(const std::string& action, json& input)>& prepare = {});

}  // namespace sluice::testing
