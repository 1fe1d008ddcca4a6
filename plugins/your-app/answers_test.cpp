// What every action makes of an answer that is late, huge, cut off, or none, and of a cancel.
#include "your_app_testing.hpp"

namespace your_app::testing {
namespace {

struct sample {
    const char* action;
    json input;
    const char* method;
    std::string good;  // an answer that it takes
};

// Every action that asks the app for something.
std::vector<sample> samples() {
    const json id{{"collection", "tickets"}, {"id", "1"}};
    const json fields{{"collection", "tickets"}, {"id", "1"}, {"fields", json::object()}};
    const json records{{"collection", "tickets"}, {"records", json::array({json{{"a", 1}}})}};
    const json hook{{"url", "https://s.test/hooks/T"}, {"events", json::array({"tickets.*"})}};
    const json hooks{{"webhooks", json::array({hook})}, {"secret", "s"}};
    const std::string listed =
        R"({"webhooks": [{"id": "3", "url": "https://s.test/hooks/T", "events": ["tickets.*"]}]})";
    return {
        {"createRecord", fields, "POST", R"({"id": "1"})"},
        {"getRecord", id, "GET", R"({"id": "1"})"},
        {"updateRecord", fields, "PATCH", R"({"id": "1"})"},
        {"upsertRecords", records, "POST", R"({"results": []})"},
        {"listRecords", id, "GET", R"({"records": []})"},
        {"createWebhook", hook, "POST", R"({"id": "1"})"},
        {"listWebhooks", json::object(), "GET", listed},
        {"deleteWebhook", id, "DELETE", ""},
        {"reconcileWebhooks", hooks, "GET", listed},
    };
}

TEST(your_app_answers, are_taken_when_they_are_good_however_late) {
    for (const sample& one : samples()) {
        mock_host host(sluice_connector_v1);
        host.on(one.method, base + "*").reply(200, one.good).after_ms(25'000);
        const call_result result = host.run(one.action, one.input, connection());
        EXPECT_TRUE(result.ok) << one.action << ": " << result.explain();
    }
}

TEST(your_app_answers, that_do_not_come_fail_as_what_they_are) {
    for (const sample& one : samples()) {
        for (const sluice_code code : {SLUICE_UNAVAILABLE, SLUICE_TIMEOUT}) {
            mock_host host(sluice_connector_v1);
            host.on(one.method, base + "*").fail(code, "the connection was reset");
            const call_result result = host.run(one.action, one.input, connection());
            EXPECT_EQ(result.error.code, code) << one.action << ": " << result.explain();
        }
    }
}

TEST(your_app_answers, that_make_no_sense_are_no_results) {
    for (const sample& one : samples()) {
        if (one.good.empty()) continue;  // nothing is expected of that one
        std::string deep(600, '[');
        for (const std::string& answer :
             {std::string(), std::string("<html>"), one.good.substr(0, one.good.size() - 1),
              std::string("[]"), std::string("null"), std::string(R"({"id": 7, "records": 7})"),
              deep, std::string(300'000, ' ') + "{}"}) {
            mock_host host(sluice_connector_v1);
            host.on(one.method, base + "*").reply(200, answer);
            const call_result result = host.run(one.action, one.input, connection());
            EXPECT_EQ(result.error.code, SLUICE_UNAVAILABLE)
                << one.action << " of " << answer.substr(0, 30) << ": " << result.explain();
        }
    }
}

TEST(your_app_answers, may_be_huge) {
    for (const sample& one : samples()) {
        if (one.good.empty()) continue;
        mock_host host(sluice_connector_v1);
        const std::string more = R"({"text": ")" + std::string(300'000, 'x') + R"(", )";
        host.on(one.method, base + "*").reply(200, more + one.good.substr(1));
        const call_result result = host.run(one.action, one.input, connection());
        EXPECT_TRUE(result.ok) << one.action << ": " << result.error.message;
    }
}

TEST(your_app_answers, of_a_refusal_may_be_huge_and_strange) {
    for (const std::string& body :
         {std::string(300'000, 'x'), std::string(R"({"error": "text"})"),
          std::string(R"({"error": {"message": 7}})"), std::string(600, '[')}) {
        mock_host host(sluice_connector_v1);
        host.on("GET", base + "*").reply(500, body);
        const call_result result = host.run("listWebhooks", json::object(), connection());
        EXPECT_EQ(result.error.code, SLUICE_UNAVAILABLE) << result.explain();
        EXPECT_LT(result.error.message.size(), 1'000u);
    }
}

TEST(your_app_answers, are_not_waited_for_when_the_host_wants_the_end) {
    for (const sample& one : samples()) {
        mock_host host(sluice_connector_v1);
        host.on(one.method, base + "*").reply(200, one.good).after_ms(100);
        const call_result whole = host.run(one.action, one.input, connection());
        ASSERT_GT(whole.operations, 0u) << one.action;
        for (unsigned n = 0; n <= whole.operations; ++n) {
            const call_result result =
                host.run_cancelled_at(n, one.action, one.input, connection());
            EXPECT_TRUE(result.problems.empty()) << one.action << ": " << result.explain();
        }
    }
}

}  // namespace
}  // namespace your_app::testing
