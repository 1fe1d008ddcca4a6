// Tests that stand beside an integration: tests/*.yaml.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "json/value.hpp"

namespace sluice::cli {

struct expected_call {
    std::string function;  // "connector.action" or "http"
    json::value input;     // what its input must have (json_difference.hpp); null: anything
};

struct flow_test {
    std::filesystem::path file;
    std::string pointer;  // where it stands in the file
    std::string name;
    std::string flow;
    json::value event;   // the trigger's payload
    json::value config;  // values over the manifest's defaults; secrets, too
    json::value mocks;   // mock_calls.hpp
    json::value state;   // durable values of the flow before the run, by key
    std::optional<std::int64_t> now_ms;
    std::optional<std::vector<expected_call>> calls;  // none: not looked at
    bool calls_in_order = true;
    bool has_output = false;
    json::value output;                // expected; when has_output
    std::optional<json::value> error;  // expected members of the fault
    json::value steps;                 // expected outputs by name of the task; null: not looked at
};

// Every test of a file. Events and mocks may be `{ $file: path }`, relative to the file. Errors
// name the file and the test.
base::result<std::vector<flow_test>> read_test_file(const std::filesystem::path& file);

}  // namespace sluice::cli
