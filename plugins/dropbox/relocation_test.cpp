#include "dropbox_testing.hpp"

namespace sluice::dropbox::testing {
namespace {

const std::string look = api_base + "files/get_metadata";
const json to_done{{"from", "/in/a.csv"}, {"to", "/done/a.csv"}};

std::string wrapped(const std::string& metadata) { return R"({"metadata": )" + metadata + "}"; }

TEST(dropbox_relocation, moves_and_copies) {
    for (const std::string action : {"move", "copy"}) {
        mock_host host(sluice_connector_v1);
        host.on("POST", api_base + "files/" + action + "_v2")
            .reply(200, wrapped(file("/done/a.csv")));
        json input = to_done;
        input.set("autorename", true);
        const call_result result = host.run(action, input, connection());
        ASSERT_TRUE(result.ok) << result.explain();
        EXPECT_EQ(result.output["metadata"]["path_display"], json("/done/a.csv"));
        EXPECT_EQ(
            host.requests().at(0).body_json(),
            (json{{"from_path", "/in/a.csv"}, {"to_path", "/done/a.csv"}, {"autorename", true}}));
        EXPECT_TRUE(host.state("dropbox/" + action + "_v2/key-1").is_null())
            << "what is done is not remembered";
    }
}

// The answer to the first attempt is lost; the second finds nothing to move, but what was moved.
TEST(dropbox_relocation, a_repeated_step_finds_what_it_has_moved) {
    mock_host host(sluice_connector_v1);
    host.on("POST", api_base + "files/move_v2")
        .fail(SLUICE_UNAVAILABLE, "the connection was reset")
        .reply(409, refused("from_lookup/not_found"));
    host.on("POST", look).reply(200, file("/done/a.csv"));
    EXPECT_EQ(host.run("move", to_done, connection()).error.code, SLUICE_UNAVAILABLE);
    const call_result again = host.run("move", to_done, connection());
    ASSERT_TRUE(again.ok) << again.explain();
    EXPECT_EQ(again.output["metadata"]["path_display"], json("/done/a.csv"));
    EXPECT_TRUE(host.state("dropbox/move_v2/key-1").is_null());
}

TEST(dropbox_relocation, another_step_does_not) {
    mock_host host(sluice_connector_v1);
    host.on("POST", api_base + "files/move_v2")
        .fail(SLUICE_UNAVAILABLE, "the connection was reset")
        .reply(409, refused("from_lookup/not_found"));
    host.run("move", to_done, connection());
    call_options other;
    other.idempotency_key = "key-2";
    EXPECT_EQ(host.run("move", to_done, connection(), other).error.code, SLUICE_NOT_FOUND);
    EXPECT_EQ(routes(host), (std::vector<std::string>{"move_v2", "move_v2"}));
}

TEST(dropbox_relocation, a_repeated_step_that_has_moved_nothing_fails_as_at_first) {
    mock_host host(sluice_connector_v1);
    host.on("POST", api_base + "files/move_v2")
        .fail(SLUICE_TIMEOUT, "late")
        .reply(409, refused("from_lookup/not_found"));
    host.on("POST", look).reply(409, refused("path/not_found"));
    host.run("move", to_done, connection());
    EXPECT_EQ(host.run("move", to_done, connection()).error.code, SLUICE_NOT_FOUND);
}

TEST(dropbox_relocation, a_repeated_step_takes_its_own_copy_and_no_other_file) {
    const std::string hash(64, 'a');
    const std::string other(64, 'b');
    for (const bool same : {true, false}) {
        mock_host host(sluice_connector_v1);
        host.on("POST", api_base + "files/copy_v2")
            .fail(SLUICE_UNAVAILABLE, "the connection was reset")
            .reply(409, refused("to/conflict/file"));
        host.on("POST", look)
            .reply(200, file("/in/a.csv", hash))
            .reply(200, file("/done/a.csv", same ? hash : other));
        host.run("copy", to_done, connection());
        const call_result again = host.run("copy", to_done, connection());
        EXPECT_EQ(again.ok, same) << again.explain();
        EXPECT_EQ(again.error.code, same ? SLUICE_OK : SLUICE_CONFLICT);
    }
}

TEST(dropbox_relocation, an_error_of_dropboxs_own_leaves_the_question_open) {
    mock_host host(sluice_connector_v1);
    host.on("POST", api_base + "files/move_v2")
        .reply(409, refused("internal_error"))
        .reply(409, refused("from_lookup/not_found"));
    host.on("POST", look).reply(200, file("/done/a.csv"));
    EXPECT_EQ(host.run("move", to_done, connection()).error.code, SLUICE_UNAVAILABLE);
    EXPECT_TRUE(host.run("move", to_done, connection()).ok);
}

const json gone{{"path", "/in/a.csv"}};

TEST(dropbox_deletion, deletes_and_says_what) {
    mock_host host(sluice_connector_v1);
    host.on("POST", api_base + "files/delete_v2").reply(200, wrapped(file("/in/a.csv")));
    json input = gone;
    input.set("rev", "0123456789");
    const call_result result = host.run("delete", input, connection());
    ASSERT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(result.output["deleted"], json(true));
    EXPECT_EQ(result.output["metadata"]["name"], json("a.csv"));
    EXPECT_EQ(host.requests().at(0).body_json(),
              (json{{"path", "/in/a.csv"}, {"parent_rev", "0123456789"}}));
}

TEST(dropbox_deletion, what_is_missing_is_a_failure_unless_asked_otherwise) {
    mock_host host(sluice_connector_v1);
    host.on("POST", api_base + "files/delete_v2").reply(409, refused("path_lookup/not_found"));
    EXPECT_EQ(host.run("delete", gone, connection()).error.code, SLUICE_NOT_FOUND);
    json input = gone;
    input.set("missingOk", true);
    const call_result result = host.run("delete", input, connection());
    EXPECT_EQ(result.output, (json{{"deleted", false}, {"metadata", nullptr}})) << result.explain();
}

TEST(dropbox_deletion, a_repeated_step_finds_its_work_done) {
    mock_host host(sluice_connector_v1);
    host.on("POST", api_base + "files/delete_v2")
        .fail(SLUICE_UNAVAILABLE, "the connection was reset")
        .reply(409, refused("path_lookup/not_found"));
    host.run("delete", gone, connection());
    const call_result again = host.run("delete", gone, connection());
    EXPECT_EQ(again.output, (json{{"deleted", true}, {"metadata", nullptr}})) << again.explain();
    EXPECT_EQ(host.run("delete", gone, connection()).error.code, SLUICE_NOT_FOUND)
        << "it is not remembered for ever";
}

}  // namespace
}  // namespace sluice::dropbox::testing
