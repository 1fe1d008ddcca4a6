// The connector under check: what its descriptor says, and what can be called.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sluice/json.hpp"
#include "sluice/testing/mock_host.hpp"

namespace sluice::checking {

struct checked_action {
    std::string id;
    bool blocking = false;
    json input_schema;
    json output_schema;
    std::vector<json> inputs;  // the examples, or one that was made from the schema
    bool has_examples = false;
    bool verifier = false;          // called with a request that is made up
    std::vector<json> replies;      // of each example: what third parties answer to it, or empty
    std::vector<json> connections;  // null: none; at least one
};

struct subject {
    sluice_entry entry = nullptr;
    json descriptor;
    std::vector<checked_action> actions;
    std::vector<std::string> secrets;  // values that must never be seen outside of a request
    std::filesystem::path folder;      // where a connector may do what it wants
    std::uint64_t seed = 1;
    std::chrono::milliseconds budget{20'000};  // after that a test leaves out what is left
    std::optional<std::uint64_t> round;        // the only one of `fuzz` to run
};

// Throws json_error when the descriptor is no JSON.
subject make_subject(sluice_entry entry, std::string_view descriptor,
                     const std::filesystem::path& folder, std::uint64_t seed);

bool has_files(const json& input);
// Each {"$blob": ...} of the input as a file that this host has.
json with_files(testing::mock_host& host, const json& input);

}  // namespace sluice::checking
