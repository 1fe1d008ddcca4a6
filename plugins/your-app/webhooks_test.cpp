#include "your_app_testing.hpp"

namespace your_app::testing {
namespace {

const std::string webhooks = base + "/api/webhooks";

TEST(your_app_webhooks, creates_lists_and_deletes) {
    mock_host host(sluice_connector_v1);
    host.on("POST", webhooks).reply(201, R"({"id": "3", "secret": "s"})");
    host.on("GET", webhooks).reply(200, R"({"webhooks": [{"id": "3"}]})");
    host.on("DELETE", webhooks + "/3").reply(204, "");
    const json wanted{{"url", "https://sluice.example.com/hooks/T"},
                      {"events", json::array({"tickets.*"})},
                      {"secret", "s"}};
    EXPECT_EQ(host.run("createWebhook", wanted, connection()).output.get_or("id", ""), "3");
    EXPECT_EQ(host.requests().at(0).body_json(), wanted);
    EXPECT_EQ(host.requests().at(0).header("Idempotency-Key"), "key-1");
    const call_result listed = host.run("listWebhooks", json::object(), connection());
    EXPECT_EQ(
        listed.output,
        (json{{"items", json::array({json{{"id", "3"}}})}, {"cursor", json()}, {"more", false}}))
        << listed.explain();
    EXPECT_TRUE(host.run("deleteWebhook", json{{"id", "3"}}, connection()).ok);
}

json request(const std::string& signature) {
    return json{{"headers", json{{"x-yourapp-signature", signature},
                                 {"x-yourapp-event", "tickets.created"},
                                 {"x-yourapp-delivery", "dlv_1"}}},
                {"body", "what do ya want for nothing?"}};
}

// RFC 4231, test case 2.
const std::string jefe = "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";

TEST(your_app_webhooks, verifies_what_the_app_signed) {
    mock_host host(sluice_connector_v1);
    for (const json& input :
         {json{{"request", request(jefe)}, {"secret", "Jefe"}},
          json{{"request", request(jefe)}, {"secrets", json::array({"new", "Jefe"})}}}) {
        const call_result result = host.run("verifySignature", input);
        ASSERT_TRUE(result.ok) << result.explain();
        EXPECT_EQ(result.output,
                  (json{{"verified", true}, {"event", "tickets.created"}, {"delivery", "dlv_1"}}));
    }
}

TEST(your_app_webhooks, refuses_everything_else) {
    mock_host host(sluice_connector_v1);
    json changed = request(jefe);
    changed.set("body", "what do ya want for everything?");
    const std::pair<json, json> bad[] = {
        {request(jefe), "jefe"},        {changed, "Jefe"},
        {request(""), "Jefe"},          {request(jefe.substr(7)), "Jefe"},
        {request(jefe + "00"), "Jefe"}, {request("sha256=" + std::string(64, 'g')), "Jefe"},
        {json{{"body", "x"}}, "Jefe"},
    };
    for (const auto& [signed_by, secret] : bad) {
        const call_result result =
            host.run("verifySignature", json{{"request", signed_by}, {"secret", secret}});
        EXPECT_EQ(result.error.code, SLUICE_AUTH) << signed_by.dump();
        EXPECT_EQ(result.error.message.find("efe"), std::string::npos);
    }
    for (const json& secret : {json(), json(""), json(7)}) {
        const json input{{"request", request(jefe)}, {"secret", secret}};
        EXPECT_EQ(host.run("verifySignature", input).error.code, SLUICE_INVALID_INPUT);
    }
}

}  // namespace
}  // namespace your_app::testing
