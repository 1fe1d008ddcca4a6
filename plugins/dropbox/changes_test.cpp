#include "dropbox_testing.hpp"

namespace sluice::dropbox::testing {
namespace {

const std::string list = api_base + "files/list_folder";
const std::string one_file =
    R"({"entries": [{".tag": "file", "name": "a"}], "cursor": "c1", "has_more": true})";

json changes_of(json cursor = json()) {
    return json{{"path", "/in"}, {"recursive", true}, {"cursor", std::move(cursor)}};
}

TEST(dropbox_changes, count_from_now_at_first) {
    mock_host host(sluice_connector_v1);
    host.on("POST", list + "/get_latest_cursor").reply(200, R"({"cursor": "now"})");
    const call_result result = host.run("listChanges", changes_of(), connection());
    EXPECT_EQ(
        result.output,
        (json{{"items", json::array()}, {"cursor", "now"}, {"more", false}, {"reset", false}}))
        << result.explain();
    EXPECT_EQ(host.requests().at(0).body_json(), (json{{"path", "/in"}, {"recursive", true}}));
}

TEST(dropbox_changes, begin_with_what_is_there_when_asked) {
    mock_host host(sluice_connector_v1);
    host.on("POST", list).reply(200, one_file);
    json input = changes_of();
    input.set("start", "existing");
    const call_result result = host.run("listChanges", input, connection());
    ASSERT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(result.output["items"].size(), 1u);
    EXPECT_EQ(result.output["cursor"], json("c1"));
    EXPECT_EQ(result.output["more"], json(true));
}

TEST(dropbox_changes, go_on_at_the_cursor_and_always_give_one) {
    mock_host host(sluice_connector_v1);
    host.on("POST", list + "/continue")
        .reply(200, one_file)
        .reply(200, R"({"entries": [], "cursor": "c2", "has_more": false})");
    const call_result some = host.run("listChanges", changes_of("c0"), connection());
    EXPECT_EQ(some.output["items"].size(), 1u) << some.explain();
    const call_result none = host.run("listChanges", changes_of("c1"), connection());
    EXPECT_EQ(
        none.output,
        (json{{"items", json::array()}, {"cursor", "c2"}, {"more", false}, {"reset", false}}));
    EXPECT_EQ(host.requests().at(1).body_json(), (json{{"cursor", "c1"}}));
}

TEST(dropbox_changes, are_listed_anew_after_a_reset) {
    mock_host host(sluice_connector_v1);
    host.on("POST", list + "/continue").reply(409, refused("reset"));
    host.on("POST", list).reply(200, one_file);
    host.on("POST", list + "/get_latest_cursor").reply(200, R"({"cursor": "now"})");
    json input = changes_of("old");
    const call_result again = host.run("listChanges", input, connection());
    ASSERT_TRUE(again.ok) << again.explain();
    EXPECT_EQ(again.output["items"].size(), 1u);
    EXPECT_EQ(again.output["reset"], json(true));
    EXPECT_EQ(again.log.size(), 1u);

    input.set("onReset", "now");
    const call_result from_now = host.run("listChanges", input, connection());
    EXPECT_EQ(from_now.output["items"].size(), 0u) << from_now.explain();
    EXPECT_EQ(from_now.output["reset"], json(true));

    input.set("onReset", "fail");
    EXPECT_EQ(host.run("listChanges", input, connection()).error.code, SLUICE_CONFLICT);
}

TEST(dropbox_changes, other_refusals_are_no_reset) {
    mock_host host(sluice_connector_v1);
    host.on("POST", list + "/continue").reply(409, refused("path/not_found"));
    EXPECT_EQ(host.run("listChanges", changes_of("c"), connection()).error.code, SLUICE_NOT_FOUND);
    EXPECT_EQ(host.requests().size(), 1u);
}

TEST(dropbox_changes, refuse_choices_that_do_not_exist) {
    mock_host host(sluice_connector_v1);
    json input = changes_of();
    input.set("start", "yesterday");
    EXPECT_EQ(host.run("listChanges", input, connection()).error.code, SLUICE_INVALID_INPUT);
    input = changes_of("c");
    input.set("onReset", "existing or not");
    EXPECT_EQ(host.run("listChanges", input, connection()).error.code, SLUICE_INVALID_INPUT);
    EXPECT_TRUE(host.requests().empty());
}

const std::string wait = notify_base + "files/list_folder/longpoll";

TEST(dropbox_longpoll, waits_as_long_as_dropbox_may_take) {
    mock_host host(sluice_connector_v1);
    host.on("POST", wait).reply(200, R"({"changes": true})").after_ms(140'000);
    const call_result result =
        host.run("longpoll", json{{"cursor", "c"}, {"timeout", 60}}, connection());
    EXPECT_EQ(result.output, (json{{"changes", true}, {"reset", false}, {"backoff", nullptr}}))
        << result.explain();
    EXPECT_EQ(host.requests().at(0).body_json(), (json{{"cursor", "c"}, {"timeout", 60}}));
    EXPECT_GE(host.requests().at(0).timeout_ms, 150'000u);
}

TEST(dropbox_longpoll, keeps_the_pause_that_dropbox_asks_for) {
    mock_host host(sluice_connector_v1);
    host.on("POST", wait).reply(200, R"({"changes": false, "backoff": 60})");
    const call_result result = host.run("longpoll", json{{"cursor", "c"}}, connection());
    EXPECT_EQ(result.output, (json{{"changes", false}, {"reset", false}, {"backoff", 60}}));
    EXPECT_EQ(host.now_ms(), 60'000u);
}

TEST(dropbox_longpoll, a_reset_is_a_change) {
    mock_host host(sluice_connector_v1);
    host.on("POST", wait).reply(409, refused("reset"));
    const call_result result = host.run("longpoll", json{{"cursor", "c"}}, connection());
    EXPECT_EQ(result.output["changes"], json(true)) << result.explain();
    EXPECT_EQ(result.output["reset"], json(true));
}

TEST(dropbox_longpoll, refuses_times_that_dropbox_refuses) {
    mock_host host(sluice_connector_v1);
    for (const json& timeout : {json(29), json(481), json("30")}) {
        const json input{{"cursor", "c"}, {"timeout", timeout}};
        EXPECT_EQ(host.run("longpoll", input, connection()).error.code, SLUICE_INVALID_INPUT);
    }
    EXPECT_TRUE(host.requests().empty());
}

}  // namespace
}  // namespace sluice::dropbox::testing
