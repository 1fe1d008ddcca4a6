#include "dropbox_testing.hpp"

namespace sluice::dropbox::testing {
namespace {

const std::string list = api_base + "files/list_folder";

std::string page(const std::string& entries, const std::string& cursor, bool more) {
    return R"({"entries": [)" + entries + R"(], "cursor": ")" + cursor + R"(", "has_more": )" +
           (more ? "true}" : "false}");
}

const std::string two = R"({".tag": "file", "name": "a"}, {".tag": "folder", "name": "b"})";

TEST(dropbox_folders, gives_a_page_and_where_the_next_one_is) {
    mock_host host(sluice_connector_v1);
    host.on("POST", list).reply(200, page(two, "c1", true));
    host.on("POST", list + "/continue")
        .reply(200, page(R"({".tag": "deleted", "name": "c"})", "c2", false));
    const json input{{"path", "/in"}, {"recursive", true}, {"includeDeleted", true}, {"limit", 2}};
    const call_result first = host.run("listFolder", input, connection());
    ASSERT_TRUE(first.ok) << first.explain();
    EXPECT_EQ(first.output["items"].size(), 2u);
    EXPECT_EQ(first.output["cursor"], json("c1"));
    EXPECT_EQ(first.output["more"], json(true));
    EXPECT_EQ(
        host.requests().at(0).body_json(),
        (json{{"path", "/in"}, {"recursive", true}, {"include_deleted", true}, {"limit", 2}}));

    json next = input;
    next.set("cursor", "c1");
    const call_result second = host.run("listFolder", next, connection());
    ASSERT_TRUE(second.ok) << second.explain();
    EXPECT_EQ(second.output["items"][0]["name"], json("c"));
    EXPECT_EQ(second.output["more"], json(false));
    EXPECT_EQ(host.requests().at(1).body_json(), (json{{"cursor", "c1"}}));
}

TEST(dropbox_folders, the_root_has_an_empty_path) {
    mock_host host(sluice_connector_v1);
    host.on("POST", list).reply(200, page("", "c", false));
    for (const json& input : {json::object(), json{{"path", ""}}, json{{"path", "/"}}}) {
        ASSERT_TRUE(host.run("listFolder", input, connection()).ok);
        EXPECT_EQ(host.requests().back().body_json(), (json{{"path", ""}}));
    }
}

TEST(dropbox_folders, leaves_out_other_kinds) {
    mock_host host(sluice_connector_v1);
    host.on("POST", list).reply(200, page(two, "c", false));
    const json input{{"kinds", json::array({"folder", "deleted"})}};
    const call_result result = host.run("listFolder", input, connection());
    ASSERT_EQ(result.output["items"].size(), 1u) << result.explain();
    EXPECT_EQ(result.output["items"][0]["name"], json("b"));
    const call_result none = host.run("listFolder", json{{"kinds", json::array()}}, connection());
    EXPECT_EQ(none.output["items"].size(), 0u);
}

TEST(dropbox_folders, refuses_what_cannot_be_a_list) {
    mock_host host(sluice_connector_v1);
    for (const json& input : {json{{"limit", 0}}, json{{"limit", 2001}}, json{{"limit", "ten"}},
                              json{{"path", 7}}, json{{"cursor", ""}}}) {
        EXPECT_EQ(host.run("listFolder", input, connection()).error.code, SLUICE_INVALID_INPUT)
            << input.dump();
    }
    EXPECT_TRUE(host.requests().empty());
    host.on("POST", list).reply(200, page("", "c", false));
    EXPECT_EQ(host.run("listFolder", json{{"kinds", "file"}}, connection()).error.code,
              SLUICE_INVALID_INPUT);
}

TEST(dropbox_folders, an_answer_without_entries_or_cursor_is_no_list) {
    mock_host host(sluice_connector_v1);
    host.on("POST", list).reply(200, "{}").reply(200, "[]").reply(200, "null").reply(200, "");
    for (int i = 0; i < 4; ++i) {
        EXPECT_EQ(host.run("listFolder", json::object(), connection()).error.code,
                  SLUICE_UNAVAILABLE);
    }
}

TEST(dropbox_folders, creates_one_and_knows_one_that_is_there) {
    mock_host host(sluice_connector_v1);
    host.on("POST", api_base + "files/create_folder_v2")
        .reply(200, R"({"metadata": {"name": "2026"}})")
        .reply(409, refused("path/conflict/folder"));
    host.on("POST", api_base + "files/get_metadata").reply(200, R"({"name": "2026"})");
    json input{{"path", "/reports/2026"}, {"existingOk", true}};
    for (const bool created : {true, false}) {
        const call_result result = host.run("createFolder", input, connection());
        EXPECT_EQ(result.output, (json{{"metadata", json{{"name", "2026"}}}, {"created", created}}))
            << result.explain();
    }
    input.set("existingOk", false);
    EXPECT_EQ(host.run("createFolder", input, connection()).error.code, SLUICE_CONFLICT);
}

TEST(dropbox_folders, a_repeated_step_finds_the_folder_that_it_has_made) {
    mock_host host(sluice_connector_v1);
    host.on("POST", api_base + "files/create_folder_v2")
        .fail(SLUICE_UNAVAILABLE, "the connection was reset")
        .reply(409, refused("path/conflict/folder"));
    host.on("POST", api_base + "files/get_metadata").reply(200, R"({"name": "2026"})");
    const json input{{"path", "/reports/2026"}};
    EXPECT_EQ(host.run("createFolder", input, connection()).error.code, SLUICE_UNAVAILABLE);
    for (int again = 0; again < 2; ++again) {
        const call_result result = host.run("createFolder", input, connection());
        EXPECT_EQ(result.output, (json{{"metadata", json{{"name", "2026"}}}, {"created", true}}))
            << result.explain();
    }
    call_options other;
    other.idempotency_key = "key-2";
    for (int attempt = 0; attempt < 2; ++attempt) {
        EXPECT_EQ(host.run("createFolder", input, connection(), other).error.code, SLUICE_CONFLICT)
            << "what was there before is not the step's";
    }
}

TEST(dropbox_folders, a_repeated_step_finds_the_folder_under_its_other_name) {
    const std::string other = "/reports/2026.df3f6c176d51a2b3";
    mock_host host(sluice_connector_v1);
    const std::string create = api_base + "files/create_folder_v2";
    host.on("POST", create).when(about("/reports/2026")).reply(409, refused("path/conflict/file"));
    host.on("POST", create)
        .when(about(other))
        .fail(SLUICE_UNAVAILABLE, "the connection was reset")
        .reply(409, refused("path/conflict/folder"));
    host.on("POST", api_base + "files/get_metadata").when(about(other)).reply(200, file(other));
    const json input{{"path", "/reports/2026"}, {"autorename", true}};
    EXPECT_EQ(host.run("createFolder", input, connection()).error.code, SLUICE_UNAVAILABLE);
    const call_result again = host.run("createFolder", input, connection());
    ASSERT_TRUE(again.ok) << again.explain();
    EXPECT_EQ(again.output["metadata"]["path_display"], json(other));
    EXPECT_EQ(again.output["created"], json(true));
}

TEST(dropbox_folders, a_file_in_the_way_is_a_conflict_always) {
    mock_host host(sluice_connector_v1);
    host.on("POST", api_base + "files/create_folder_v2").reply(409, refused("path/conflict/file"));
    const json input{{"path", "/a.txt"}, {"existingOk", true}};
    EXPECT_EQ(host.run("createFolder", input, connection()).error.code, SLUICE_CONFLICT);
    EXPECT_EQ(host.requests().size(), 1u);
}

}  // namespace
}  // namespace sluice::dropbox::testing
