// What the tests of this connector share.
#pragma once

#include <gtest/gtest.h>

#include <sluice/testing/mock_host.hpp>
#include <string>

namespace csv::testing {

using sluice::json;
using sluice::testing::call_result;
using sluice::testing::mock_host;

// A run of csv.parse over all batches.
struct all_batches {
    json::array_type items;
    json::array_type errors;
    std::size_t calls = 0;
    call_result last;
};

inline all_batches parse_all(mock_host& host, json input) {
    all_batches found;
    for (bool more = true; more && found.calls < 5000;) {
        found.last = host.run("parse", input);
        ++found.calls;
        if (!found.last.ok) break;
        for (const json& item : found.last.output["items"].items())
            found.items.push_back(item);
        for (const json& error : found.last.output["errors"].items())
            found.errors.push_back(error);
        more = found.last.output.get_or("more", false);
        input.set("cursor", found.last.output["cursor"]);
    }
    return found;
}

inline call_result parse_text(const std::string& text, json options = json::object()) {
    mock_host host(sluice_connector_v1);
    options.set("text", text);
    return host.run("parse", options);
}

// The items as JSON text, or the error.
inline std::string items_of(const call_result& result) {
    return result.ok ? result.output["items"].dump() : result.error.message;
}

}  // namespace csv::testing
