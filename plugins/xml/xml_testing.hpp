// What the tests of this connector share.
#pragma once

#include <gtest/gtest.h>

#include <sluice/testing/mock_host.hpp>
#include <sluice/text_encoding.hpp>
#include <string>

namespace xml::testing {

using sluice::json;
using sluice::text_encoding;
using sluice::testing::call_result;
using sluice::testing::mock_host;

inline call_result parse_text(const std::string& text, json options = json::object()) {
    mock_host host(sluice_connector_v1);
    options.set("text", text);
    return host.run("parse", options);
}

// The document as JSON text, or the error.
inline std::string document_of(const call_result& result) {
    return result.ok ? result.output["document"].dump() : result.error.message;
}

}  // namespace xml::testing
