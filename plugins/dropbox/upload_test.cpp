#include "content_hash.hpp"
#include "dropbox_testing.hpp"

namespace sluice::dropbox::testing {
namespace {

const std::string once = content_base + "files/upload";
const std::string hash_of_hello =
    "9595c9df90075148eb06860365df33584b75bff782a510c6cd4883a419833d50";

TEST(dropbox_upload, sends_a_text_with_its_hash) {
    mock_host host(sluice_connector_v1);
    host.on("POST", once).reply(200, file("/a.txt", hash_of_hello));
    const json input{{"path", "/a.txt"}, {"text", "hello"}};
    const call_result result = host.run("upload", input, connection());
    ASSERT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(result.output["metadata"]["rev"], json("0123456789"));
    const recorded_request& request = host.requests().at(0);
    EXPECT_EQ(request.body, "hello");
    EXPECT_EQ(request.header("Content-Type"), "application/octet-stream");
    EXPECT_EQ(argument_of(request),
              (json{{"path", "/a.txt"}, {"mode", "add"}, {"content_hash", hash_of_hello}}));
}

TEST(dropbox_upload, streams_a_file_and_passes_every_choice_on) {
    mock_host host(sluice_connector_v1);
    host.on("POST", once).reply(200, file("/a.txt", hash_of_hello));
    const json input{{"path", "/a.txt"},
                     {"file", host.add_blob("text/plain", "hello")},
                     {"mode", "update"},
                     {"rev", "0123456789"},
                     {"strictConflict", true},
                     {"clientModified", "2026-01-31T12:00:00Z"},
                     {"mute", true}};
    const call_result result = host.run("upload", input, connection());
    ASSERT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(host.requests().at(0).body, "hello");
    EXPECT_EQ(argument_of(host.requests().at(0)),
              (json{{"path", "/a.txt"},
                    {"mode", json{{".tag", "update"}, {"update", "0123456789"}}},
                    {"client_modified", "2026-01-31T12:00:00Z"},
                    {"mute", true},
                    {"strict_conflict", true},
                    {"content_hash", hash_of_hello}}));
}

TEST(dropbox_upload, refuses_input_that_cannot_work) {
    mock_host host(sluice_connector_v1);
    const json hello = host.add_blob("text/plain", "hello");
    for (const json& input : {
             json{{"path", "/a"}},
             json{{"path", "/a"}, {"text", "x"}, {"file", hello}},
             json{{"path", "/a"}, {"file", json{{"$blob", "none"}}}},
             json{{"path", "/a"}, {"file", json::object()}},
             json{{"path", "/a"}, {"text", 7}},
             json{{"path", "/a"}, {"text", "x"}, {"autorename", true}, {"strictConflict", true}},
             json{{"path", "/a"}, {"text", "x"}, {"mode", "replace"}},
             json{{"path", "/a"}, {"text", "x"}, {"mode", "update"}},
             json{{"path", "/a"}, {"file", hello}, {"pieceSize", 5'000'000}},
             json{{"path", "/a"}, {"file", hello}, {"pieceSize", 0}},
             json{{"path", "/a"}, {"file", hello}, {"sessionAbove", 157'286'401}},
         }) {
        const call_result result = host.run("upload", input, connection());
        EXPECT_EQ(result.error.code, SLUICE_INVALID_INPUT) << input.dump() << result.explain();
    }
    EXPECT_TRUE(host.requests().empty());
}

// The name is taken: the file gets the step's own, and a repetition the same one again.
TEST(dropbox_upload, another_name_is_the_same_each_time) {
    const std::string other = "/a.0275633e07dfdecc.txt";
    mock_host host(sluice_connector_v1);
    host.on("POST", once).when(about("/a.txt")).reply(409, refused("path/conflict/file"));
    host.on("POST", once)
        .when(about(other))
        .fail(SLUICE_UNAVAILABLE, "the connection was reset")
        .reply(200, file(other, hash_of_hello));
    const json input{{"path", "/a.txt"}, {"text", "hello"}, {"autorename", true}};
    EXPECT_EQ(host.run("upload", input, connection()).error.code, SLUICE_UNAVAILABLE);
    const call_result again = host.run("upload", input, connection());
    ASSERT_TRUE(again.ok) << again.explain();
    EXPECT_EQ(again.output["metadata"]["path_display"], json(other));
    for (const recorded_request& request : host.requests())
        EXPECT_FALSE(argument_of(request).contains("autorename"));
}

TEST(dropbox_upload, refusals_are_what_they_are) {
    mock_host host(sluice_connector_v1);
    host.on("POST", once)
        .reply(409, refused("path/conflict/file"))
        .reply(409, refused("path/insufficient_space"))
        .reply(409, refused("content_hash_mismatch"))
        .reply(409, refused("path/too_many_write_operations"))
        .reply(200, file("/a.txt", std::string(64, '0')));
    const json input{{"path", "/a.txt"}, {"text", "hello"}};
    for (const sluice_code code : {SLUICE_CONFLICT, SLUICE_INVALID_INPUT, SLUICE_UNAVAILABLE,
                                   SLUICE_RATE_LIMITED, SLUICE_UNAVAILABLE}) {
        EXPECT_EQ(host.run("upload", input, connection()).error.code, code);
    }
}

}  // namespace
}  // namespace sluice::dropbox::testing
