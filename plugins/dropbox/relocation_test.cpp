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
}

// The host dies after the answer and before it has recorded the step.
TEST(dropbox_relocation, a_step_that_has_succeeded_can_be_repeated) {
    for (const std::string action : {"move", "copy"}) {
        const std::string hash(64, 'a');
        mock_host host(sluice_connector_v1);
        host.on("POST", api_base + "files/" + action + "_v2")
            .reply(200, wrapped(file("/done/a.csv", hash)))
            .reply(409, refused(action == "move" ? "from_lookup/not_found" : "to/conflict/file"));
        host.on("POST", look).reply(200, file("/done/a.csv", hash));
        ASSERT_TRUE(host.run(action, to_done, connection()).ok);
        for (int again = 0; again < 2; ++again) {
            const call_result result = host.run(action, to_done, connection());
            ASSERT_TRUE(result.ok) << action << result.explain();
            EXPECT_EQ(result.output["metadata"]["path_display"], json("/done/a.csv"));
        }
    }
}

// What was refused has done nothing: what lies at the new place later is somebody else's.
TEST(dropbox_relocation, a_refused_step_is_not_remembered) {
    mock_host host(sluice_connector_v1);
    host.on("POST", api_base + "files/move_v2").reply(409, refused("from_lookup/not_found"));
    host.on("POST", look).reply(200, file("/done/a.csv"));
    for (int attempt = 0; attempt < 2; ++attempt) {
        EXPECT_EQ(host.run("move", to_done, connection()).error.code, SLUICE_NOT_FOUND);
    }
}

TEST(dropbox_relocation, notes_of_many_steps_take_little_room) {
    mock_host host(sluice_connector_v1);
    host.on("POST", api_base + "files/move_v2").reply(200, wrapped(file("/done/a.csv")));
    std::size_t notes = 0;
    for (int step = 0; step < 2'000; ++step) {
        call_options each;
        each.idempotency_key = "step-" + std::to_string(step);
        ASSERT_TRUE(host.run("move", to_done, connection(), each).ok);
    }
    constexpr std::string_view digits = "0123456789abcdef";
    for (const char high : digits) {
        for (const char low : digits) {
            const std::string place = std::string("dropbox/move_v2/") + high + low;
            notes += host.state(place).is_null() ? 0 : 1;
        }
    }
    EXPECT_GT(notes, 250u);
    EXPECT_LE(notes, 256u);
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
    EXPECT_TRUE(host.run("delete", gone, connection()).ok) << "nor is it forgotten then";
    call_options other;
    other.idempotency_key = "key-2";
    EXPECT_EQ(host.run("delete", gone, connection(), other).error.code, SLUICE_NOT_FOUND);
}

}  // namespace
}  // namespace sluice::dropbox::testing
