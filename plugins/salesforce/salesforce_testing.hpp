// What the tests of this connector share.
#pragma once

#include <gtest/gtest.h>

#include <sluice/testing/mock_host.hpp>
#include <string>

namespace sluice::salesforce::testing {

using sluice::testing::call_result;
using sluice::testing::mock_host;
using sluice::testing::recorded_request;
using sluice::testing::reported_error;

inline const std::string base = "https://acme.my.salesforce.com/services/data/v65.0";
inline const std::string account = "001xx000003DGb2AAG";
inline const std::string another_account = "001xx000003DGb3AAG";
inline const std::string ingest_job = "7505g00000TcBxgAAF";

inline json connection() {
    return json{{"type", "oauth2"},
                {"loginUrl", "https://login.salesforce.com"},
                {"baseUrl", "https://acme.my.salesforce.com/"},
                {"clientId", "i"},
                {"accessToken", "00Dt0k3n!x"}};
}

// Salesforce's way to refuse.
inline std::string errors(const std::string& code, const std::string& message) {
    return json::array({json{{"message", message}, {"errorCode", code}}}).dump();
}

// The query that a recorded request's address carries.
inline std::string asked_query(const recorded_request& request) {
    std::string text = request.url.substr(request.url.find("q=") + 2);
    std::string out;
    for (std::size_t i = 0; i < text.size() && text[i] != '&'; ++i) {
        if (text[i] == '%') {
            out += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

}  // namespace sluice::salesforce::testing
