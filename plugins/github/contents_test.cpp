#include "github_testing.hpp"

namespace sluice::github::testing {
namespace {

const std::string guide = hello + "/contents/docs/gu%20ide.md";
const json of_guide{{"repository", "octo/hello"}, {"path", "docs/gu ide.md"}};
// `printf hello | git hash-object --stdin`
const std::string git_id_of_hello = "b6fc4c620b67d95f953a5c1c1230aaab5db5a1b0";

std::string shown(const std::string& encoding, const std::string& content) {
    return json{{"type", "file"},      {"path", "docs/gu ide.md"},
                {"name", "gu ide.md"}, {"sha", git_id_of_hello},
                {"size", 5},           {"encoding", encoding},
                {"content", content}}
        .dump();
}

TEST(github_contents, of_a_file_come_as_text) {
    mock_host host(sluice_connector_v1);
    host.on("GET", guide + "?ref=v1").reply(200, shown("base64", "aGVs\nbG8=\n"));
    json input = of_guide;
    input.set("ref", "v1");
    const call_result result = host.run("getContents", input, token_connection());
    EXPECT_EQ(result.output, (json{{"type", "file"},
                                   {"path", "docs/gu ide.md"},
                                   {"name", "gu ide.md"},
                                   {"sha", git_id_of_hello},
                                   {"size", 5},
                                   {"text", "hello"}}))
        << result.explain();
}

TEST(github_contents, of_a_file_come_as_a_file_by_its_id) {
    mock_host host(sluice_connector_v1);
    host.on("GET", guide).reply(200, shown("none", ""));
    host.on("GET", hello + "/git/blobs/" + git_id_of_hello).reply(200, "hello");
    json input = of_guide;
    input.set("as", "file");
    input.set("contentType", "text/markdown");
    const call_result result = host.run("getContents", input, token_connection());
    ASSERT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(host.blob_bytes(result.output["file"]), "hello");
    EXPECT_EQ(result.output["file"]["contentType"], json("text/markdown"));
    EXPECT_EQ(host.requests().at(1).header("Accept"), "application/vnd.github.raw+json");
    EXPECT_EQ(host.requests().at(1).flags, std::uint32_t{SLUICE_HTTP_BODY_TO_BLOB});
}

TEST(github_contents, that_are_no_text_say_how_to_get_them) {
    mock_host host(sluice_connector_v1);
    host.on("GET", guide)
        .reply(200, shown("none", ""))
        .reply(200, shown("base64", "not base64!"))
        .reply(200, shown("base64", "/////w=="));
    for (int i = 0; i < 3; ++i) {
        const call_result result = host.run("getContents", of_guide, token_connection());
        EXPECT_EQ(result.error.code, SLUICE_INVALID_INPUT) << result.explain();
        EXPECT_NE(result.error.message.find("as: file"), std::string::npos);
    }
}

TEST(github_contents, of_a_folder_are_its_entries) {
    mock_host host(sluice_connector_v1);
    host.on("GET", hello + "/contents")
        .reply(
            200,
            R"([{"type": "file", "path": "a", "name": "a", "sha": "1", "size": 1, "url": "x"}])");
    for (const json& input :
         {json{{"repository", "octo/hello"}}, json{{"repository", "octo/hello"}, {"path", "/"}}}) {
        const call_result result = host.run("getContents", input, token_connection());
        ASSERT_TRUE(result.ok) << result.explain();
        EXPECT_EQ(result.output["type"], json("dir"));
        EXPECT_EQ(
            result.output["entries"][0],
            (json{{"type", "file"}, {"path", "a"}, {"name", "a"}, {"sha", "1"}, {"size", 1}}));
    }
}

TEST(github_contents, refuse_paths_that_lead_elsewhere) {
    mock_host host(sluice_connector_v1);
    for (const char* path : {"../x", "a/../b", "a//b", "./a"}) {
        const json input{{"repository", "octo/hello"}, {"path", path}};
        EXPECT_EQ(host.run("getContents", input, token_connection()).error.code,
                  SLUICE_INVALID_INPUT)
            << path;
    }
    EXPECT_TRUE(host.requests().empty());
}

json put_hello(mock_host& host, bool as_file) {
    json input = of_guide;
    input.set("message", "Say hello");
    if (as_file) return std::move(input).set("file", host.add_blob("text/plain", "hello"));
    return std::move(input).set("text", "hello");
}

TEST(github_contents, are_put_as_a_commit) {
    for (const bool as_file : {true, false}) {
        mock_host host(sluice_connector_v1);
        host.on("PUT", guide).reply(201, R"({"content": {"path": "docs/gu ide.md", "sha": "s"},
                            "commit": {"sha": "c"}})");
        json input = put_hello(host, as_file);
        input.set("sha", "old");
        input.set("branch", "main");
        const call_result result = host.run("putContents", input, token_connection());
        EXPECT_EQ(result.output, (json{{"path", "docs/gu ide.md"}, {"sha", "s"}, {"commit", "c"}}))
            << result.explain();
        EXPECT_EQ(host.requests().at(0).body_json(), (json{{"message", "Say hello"},
                                                           {"sha", "old"},
                                                           {"branch", "main"},
                                                           {"content", "aGVsbG8="}}));
    }
}

TEST(github_contents, that_are_there_already_are_no_failure_and_others_are_a_conflict) {
    const std::pair<unsigned, const char*> refusals[] = {
        {409, R"({"message": "docs/gu ide.md does not match abc"})"},
        {422, R"({"message": "Invalid request.\n\n\"sha\" wasn't supplied."})"}};
    for (const auto& [status, body] : refusals) {
        mock_host host(sluice_connector_v1);
        host.on("PUT", guide).reply(status, body);
        host.on("GET", guide)
            .reply(200, shown("none", ""))
            .reply(200, R"({"type": "file", "sha": "another"})");
        const json input = put_hello(host, false);
        const call_result same = host.run("putContents", input, token_connection());
        EXPECT_EQ(same.output["sha"], json(git_id_of_hello)) << same.explain();
        EXPECT_TRUE(same.output["commit"].is_null());
        EXPECT_EQ(host.run("putContents", input, token_connection()).error.code, SLUICE_CONFLICT);
    }
}

TEST(github_contents, that_are_too_large_or_missing_are_refused) {
    mock_host host(sluice_connector_v1);
    json input = of_guide;
    input.set("message", "m");
    EXPECT_EQ(host.run("putContents", input, token_connection()).error.code, SLUICE_INVALID_INPUT);
    input.set("file", host.add_blob("a/b", std::string(16 * 1024 * 1024 + 1, 'x')));
    EXPECT_EQ(host.run("putContents", input, token_connection()).error.code, SLUICE_INVALID_INPUT);
    EXPECT_TRUE(host.requests().empty());
}

}  // namespace
}  // namespace sluice::github::testing
