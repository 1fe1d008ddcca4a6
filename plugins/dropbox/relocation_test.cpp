#include <algorithm>
#include "dropbox_testing.hpp"

namespace sluice::dropbox::testing {
namespace {

const std::string look = api_base + "files/get_metadata";
const json to_done{{"from", "/in/a.csv"}, {"to", "/done/a.csv"}};

std::string wrapped(const std::string& metadata) { return R"({"metadata": )" + metadata + "}"; }

TEST(dropbox_relocation, moves_and_copies) {
    for (const std::string action : {"move", "copy"}) {
        mock_host host(sluice_connector_v1);
        host.on("POST", look).reply(200, file("/in/a.csv"));
        host.on("POST", api_base + "files/" + action + "_v2")
            .reply(200, wrapped(file("/done/a.csv")));
        json input = to_done;
        input.set("allowOwnershipTransfer", true);
        const call_result result = host.run(action, input, connection());
        ASSERT_TRUE(result.ok) << result.explain();
        EXPECT_EQ(result.output["metadata"]["path_display"], json("/done/a.csv"));
        EXPECT_EQ(host.requests().back().body_json(), (json{{"from_path", "/in/a.csv"},
                                                            {"to_path", "/done/a.csv"},
                                                            {"allow_ownership_transfer", true}}));
    }
}

// The answer to the first attempt is lost; the second asks for the entry, wherever it is now. That
// another file has the old or the new name by then must not matter.
TEST(dropbox_relocation, a_repeated_step_finds_what_it_has_moved) {
    for (const bool renames : {false, true}) {
        mock_host host(sluice_connector_v1);
        host.on("POST", look).when(about("/in/a.csv")).reply(200, file("/in/a.csv"));
        const std::string arrived = renames ? "/done/a (1).csv" : "/done/a.csv";
        host.on("POST", look).when(about("id:1")).reply(200, file(arrived));
        if (!renames) host.on("POST", look).when(about(arrived)).reply(200, file(arrived));
        host.on("POST", api_base + "files/move_v2").fail(SLUICE_UNAVAILABLE, "reset");
        json input = to_done;
        input.set("autorename", renames);
        EXPECT_EQ(host.run("move", input, connection()).error.code, SLUICE_UNAVAILABLE);
        EXPECT_EQ(host.requests().back().body_json().contains("autorename"), renames);
        for (int again = 0; again < 2; ++again) {
            const call_result result = host.run("move", input, connection());
            ASSERT_TRUE(result.ok) << result.explain();
            EXPECT_EQ(result.output["metadata"]["path_display"], json(arrived));
        }
        const std::vector<std::string> all = routes(host);
        EXPECT_EQ(std::ranges::count(all, "move_v2"), 1);
    }
}

TEST(dropbox_relocation, what_somebody_else_has_moved_is_not_this_steps_work) {
    mock_host host(sluice_connector_v1);
    host.on("POST", look).when(about("/in/a.csv")).reply(200, file("/in/a.csv"));
    host.on("POST", look).when(about("id:1")).reply(200, file("/theirs/a.csv"));
    host.on("POST", look).when(about("/done/a.csv")).reply(409, refused("path/not_found"));
    host.on("POST", api_base + "files/move_v2").fail(SLUICE_UNAVAILABLE, "reset");
    EXPECT_EQ(host.run("move", to_done, connection()).error.code, SLUICE_UNAVAILABLE);
    EXPECT_EQ(host.run("move", to_done, connection()).error.code, SLUICE_NOT_FOUND);
    const std::vector<std::string> all = routes(host);
    EXPECT_EQ(std::ranges::count(all, "move_v2"), 1) << "theirs stays where it is";
}

TEST(dropbox_relocation, a_repeated_step_moves_what_is_still_there) {
    mock_host host(sluice_connector_v1);
    host.on("POST", look).reply(200, file("/in/a.csv"));
    host.on("POST", api_base + "files/move_v2")
        .fail(SLUICE_TIMEOUT, "late")
        .reply(200, wrapped(file("/done/a.csv")));
    EXPECT_EQ(host.run("move", to_done, connection()).error.code, SLUICE_TIMEOUT);
    const call_result again = host.run("move", to_done, connection());
    ASSERT_TRUE(again.ok) << again.explain();
    EXPECT_EQ(host.requests().back().body_json()["from_path"], json("id:1"));
}

// In another namespace it has another id.
TEST(dropbox_relocation, a_file_that_got_another_id_is_known_by_its_content) {
    for (const bool same : {true, false}) {
        const std::string hash(64, 'a');
        const std::string other(64, 'b');
        mock_host host(sluice_connector_v1);
        host.on("POST", look).when(about("/in/a.csv")).reply(200, file("/in/a.csv", hash));
        host.on("POST", look).when(about("id:1")).reply(409, refused("path/not_found"));
        host.on("POST", look)
            .when(about("/done/a.csv"))
            .reply(200, file("/done/a.csv", same ? hash : other, "id:2"));
        host.on("POST", api_base + "files/move_v2")
            .fail(SLUICE_UNAVAILABLE, "reset")
            .reply(409, refused("from_lookup/not_found"));
        host.run("move", to_done, connection());
        const call_result again = host.run("move", to_done, connection());
        EXPECT_EQ(again.ok, same) << again.explain();
        EXPECT_EQ(again.error.code, same ? SLUICE_OK : SLUICE_NOT_FOUND);
    }
}

// The host dies after the answer and before it has recorded the step.
TEST(dropbox_relocation, a_copy_that_has_succeeded_can_be_repeated) {
    const std::string hash(64, 'a');
    mock_host host(sluice_connector_v1);
    host.on("POST", api_base + "files/copy_v2")
        .reply(200, wrapped(file("/done/a.csv", hash)))
        .reply(409, refused("to/conflict/file"));
    host.on("POST", look).reply(200, file("/done/a.csv", hash));
    ASSERT_TRUE(host.run("copy", to_done, connection()).ok);
    for (int again = 0; again < 2; ++again) {
        const call_result result = host.run("copy", to_done, connection());
        ASSERT_TRUE(result.ok) << result.explain();
        EXPECT_EQ(result.output["metadata"]["path_display"], json("/done/a.csv"));
    }
}

// The name was taken, the copy got the step's own, the answer was lost: there is one copy.
TEST(dropbox_relocation, a_repeated_copy_under_another_name_is_found) {
    const std::string other = "/done/a.bb4b50694f7cc929.csv";
    mock_host host(sluice_connector_v1);
    host.on("POST", api_base + "files/copy_v2")
        .when(about("/done/a.csv"))
        .reply(409, refused("to/conflict/file"));
    host.on("POST", api_base + "files/copy_v2")
        .when(about(other))
        .fail(SLUICE_UNAVAILABLE, "the connection was reset");
    host.on("POST", look).when(about(other)).reply(200, file(other));
    json input = to_done;
    input.set("autorename", true);
    EXPECT_EQ(host.run("copy", input, connection()).error.code, SLUICE_UNAVAILABLE);
    const call_result again = host.run("copy", input, connection());
    ASSERT_TRUE(again.ok) << again.explain();
    EXPECT_EQ(again.output["metadata"]["path_display"], json(other));
    EXPECT_EQ(routes(host), (std::vector<std::string>{"copy_v2", "copy_v2", "get_metadata"}));
}

// What was refused has done nothing: what lies at the new place later is somebody else's.
TEST(dropbox_relocation, a_refused_step_is_not_remembered) {
    mock_host host(sluice_connector_v1);
    host.on("POST", look).reply(200, file("/in/a.csv"));
    host.on("POST", api_base + "files/move_v2").reply(409, refused("to/conflict/file"));
    for (int attempt = 0; attempt < 2; ++attempt) {
        EXPECT_EQ(host.run("move", to_done, connection()).error.code, SLUICE_CONFLICT);
        EXPECT_EQ(host.requests().back().body_json()["from_path"], json("/in/a.csv"));
    }
}

// An attempt may have moved it before a later one was refused.
TEST(dropbox_relocation, a_refusal_does_not_forget_an_earlier_attempt) {
    mock_host host(sluice_connector_v1);
    host.on("POST", look)
        .reply(200, file("/in/a.csv"))
        .reply(200, file("/in/a.csv"))
        .reply(200, file("/done/a.csv"));
    host.on("POST", api_base + "files/move_v2")
        .fail(SLUICE_UNAVAILABLE, "the connection was reset")
        .reply(409, refused("too_many_write_operations"));
    EXPECT_EQ(host.run("move", to_done, connection()).error.code, SLUICE_UNAVAILABLE);
    EXPECT_EQ(host.run("move", to_done, connection()).error.code, SLUICE_RATE_LIMITED);
    EXPECT_TRUE(host.run("move", to_done, connection()).ok);
}

TEST(dropbox_relocation, notes_of_many_steps_take_little_room) {
    mock_host host(sluice_connector_v1);
    host.on("POST", look).reply(200, file("/in/a.csv"));
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
            const std::string place = std::string("dropbox/move/") + high + low;
            notes += host.state(place).size();
            EXPECT_LE(host.state(place).size(), 16u);
        }
    }
    EXPECT_GT(notes, 1'500u) << "the newest stay";
}

// More than there are places for notes.
TEST(dropbox_relocation, a_step_is_remembered_beside_many_others) {
    mock_host host(sluice_connector_v1);
    host.on("POST", look).when(about("id:1")).reply(200, file("/done/a.csv"));
    host.on("POST", look).when(about("/done/a.csv")).reply(200, file("/done/a.csv"));
    host.on("POST", look).reply(200, file("/in/a.csv"));
    host.on("POST", api_base + "files/move_v2")
        .fail(SLUICE_UNAVAILABLE, "reset")
        .reply(200, wrapped(file("/done/b.csv")));
    EXPECT_EQ(host.run("move", to_done, connection()).error.code, SLUICE_UNAVAILABLE);
    for (int step = 0; step < 1'000; ++step) {
        call_options other;
        other.idempotency_key = "other-" + std::to_string(step);
        ASSERT_TRUE(host.run("move", to_done, connection(), other).ok);
    }
    const std::vector<std::string> before = routes(host);
    const call_result again = host.run("move", to_done, connection());
    ASSERT_TRUE(again.ok) << again.explain();
    const std::vector<std::string> after = routes(host);
    EXPECT_EQ(std::ranges::count(after, "move_v2"), std::ranges::count(before, "move_v2"));
}

TEST(dropbox_relocation, another_step_finds_nothing) {
    mock_host host(sluice_connector_v1);
    host.on("POST", look).reply(200, file("/in/a.csv")).reply(409, refused("path/not_found"));
    host.on("POST", api_base + "files/move_v2").fail(SLUICE_UNAVAILABLE, "reset");
    host.run("move", to_done, connection());
    call_options other;
    other.idempotency_key = "key-2";
    EXPECT_EQ(host.run("move", to_done, connection(), other).error.code, SLUICE_NOT_FOUND);
    EXPECT_EQ(routes(host), (std::vector<std::string>{"get_metadata", "move_v2", "get_metadata"}));
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
    host.on("POST", api_base + "files/move_v2").reply(409, refused("internal_error"));
    host.on("POST", look).reply(200, file("/in/a.csv")).reply(200, file("/done/a.csv"));
    EXPECT_EQ(host.run("move", to_done, connection()).error.code, SLUICE_UNAVAILABLE);
    EXPECT_TRUE(host.run("move", to_done, connection()).ok);
}

const json gone{{"path", "/in/a.csv"}};

TEST(dropbox_deletion, a_refusal_does_not_forget_an_earlier_attempt) {
    mock_host host(sluice_connector_v1);
    host.on("POST", api_base + "files/delete_v2")
        .fail(SLUICE_UNAVAILABLE, "the connection was reset")
        .reply(409, refused("too_many_write_operations"))
        .reply(409, refused("path_lookup/not_found"));
    EXPECT_EQ(host.run("delete", gone, connection()).error.code, SLUICE_UNAVAILABLE);
    EXPECT_EQ(host.run("delete", gone, connection()).error.code, SLUICE_RATE_LIMITED);
    EXPECT_TRUE(host.run("delete", gone, connection()).ok);
}

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
