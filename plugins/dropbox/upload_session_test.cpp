#include "content_hash.hpp"
#include "dropbox_testing.hpp"

namespace sluice::dropbox::testing {
namespace {

const std::string session = content_base + "files/upload_session/";
const std::string look = api_base + "files/get_metadata";
constexpr std::size_t piece = std::size_t{4} * 1024 * 1024;
const std::string state_key = "dropbox/upload/70";  // where this step's note is

json noted(const json& note) { return json::array({json{{"step", "key-1"}, {"note", note}}}); }

// Ten MiB: two pieces and a half, each with bytes of its own.
std::string content() {
    return std::string(piece, 'a') + std::string(piece, 'b') + std::string(piece / 2, 'c');
}

struct large_upload {
    mock_host host{sluice_connector_v1};
    std::string bytes = content();
    std::string hash = content_hash_of(bytes);
    json input{{"path", "/big.bin"},
               {"file", host.add_blob("application/octet-stream", bytes)},
               {"sessionAbove", 1'000'000},
               {"pieceSize", piece}};

    call_result run() { return host.run("upload", input, connection()); }

    // What was sent after the n-th request, put together.
    std::string sent(std::size_t from = 0) const {
        std::string all;
        for (std::size_t i = from; i < host.requests().size(); ++i) {
            if (host.requests()[i].url.find("upload_session") != std::string::npos) {
                all += host.requests()[i].body;
            }
        }
        return all;
    }
};

void accept_all(large_upload& upload) {
    upload.host.on("POST", session + "start").reply(200, R"({"session_id": "s1"})");
    upload.host.on("POST", session + "append_v2").reply(200, "null");
    upload.host.on("POST", session + "finish").reply(200, file("/big.bin", upload.hash));
}

TEST(dropbox_upload_session, sends_pieces_in_order_then_makes_the_file) {
    large_upload upload;
    accept_all(upload);
    const call_result result = upload.run();
    ASSERT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(result.output["metadata"]["content_hash"], json(upload.hash));
    EXPECT_EQ(routes(upload.host),
              (std::vector<std::string>{"upload_session/start", "upload_session/append_v2",
                                        "upload_session/append_v2", "upload_session/finish"}));
    EXPECT_EQ(upload.sent(), upload.bytes);
    const auto& requests = upload.host.requests();
    EXPECT_EQ(requests[0].body.size(), piece);
    EXPECT_EQ(argument_of(requests[0])["content_hash"],
              json(content_hash_of(std::string(piece, 'a'))));
    EXPECT_EQ(argument_of(requests[1])["cursor"], (json{{"session_id", "s1"}, {"offset", piece}}));
    EXPECT_EQ(argument_of(requests[2])["cursor"],
              (json{{"session_id", "s1"}, {"offset", 2 * piece}}));
    EXPECT_EQ(argument_of(requests[3]),
              (json{{"cursor", json{{"session_id", "s1"}, {"offset", upload.bytes.size()}}},
                    {"commit", json{{"path", "/big.bin"}, {"mode", "add"}}}}));
    EXPECT_TRUE(upload.host.state(state_key).empty());
}

TEST(dropbox_upload_session, goes_on_where_it_was) {
    large_upload upload;
    upload.host.on("POST", session + "start").reply(200, R"({"session_id": "s1"})");
    upload.host.on("POST", session + "append_v2")
        .reply(200, "null")
        .fail(SLUICE_UNAVAILABLE, "the connection was reset")
        .reply(200, "null");
    upload.host.on("POST", session + "finish").reply(200, file("/big.bin", upload.hash));
    upload.host.on("POST", look).reply(409, refused("path/not_found"));
    EXPECT_EQ(upload.run().error.code, SLUICE_UNAVAILABLE);
    EXPECT_EQ(upload.host.state(state_key)[0]["note"]["offset"], json(2 * piece));
    const std::size_t before = upload.host.requests().size();
    const call_result again = upload.run();
    ASSERT_TRUE(again.ok) << again.explain();
    EXPECT_EQ(upload.sent(before), std::string(piece / 2, 'c')) << "the rest and no more";
    EXPECT_TRUE(upload.host.state(state_key).empty());
}

// A piece arrived, its answer did not: Dropbox knows better how far it got.
TEST(dropbox_upload_session, believes_dropbox_about_the_offset) {
    large_upload upload;
    const json further{{".tag", "incorrect_offset"}, {"correct_offset", 2 * piece}};
    upload.host.on("POST", session + "start").reply(200, R"({"session_id": "s1"})");
    upload.host.on("POST", session + "append_v2")
        .reply(409, refused("incorrect_offset", further))
        .reply(200, "null");
    upload.host.on("POST", session + "finish").reply(200, file("/big.bin", upload.hash));
    const call_result result = upload.run();
    ASSERT_TRUE(result.ok) << result.explain();
    ASSERT_EQ(upload.host.requests().size(), 4u);
    EXPECT_EQ(argument_of(upload.host.requests()[2])["cursor"]["offset"], json(2 * piece));
    EXPECT_EQ(upload.host.requests()[2].body, std::string(piece / 2, 'c'));
}

TEST(dropbox_upload_session, is_not_corrected_for_ever) {
    large_upload upload;
    const json same{{".tag", "incorrect_offset"}, {"correct_offset", piece}};
    upload.host.on("POST", session + "start").reply(200, R"({"session_id": "s1"})");
    upload.host.on("POST", session + "append_v2").reply(409, refused("incorrect_offset", same));
    EXPECT_EQ(upload.run().error.code, SLUICE_CONFLICT);
    EXPECT_EQ(upload.host.requests().size(), 3u);
    EXPECT_TRUE(upload.host.state(state_key).empty());
}

TEST(dropbox_upload_session, refuses_offsets_outside_of_the_file) {
    for (const json& offset : {json(-1), json(1'000'000'000), json("5"), json()}) {
        large_upload upload;
        const json wrong{{".tag", "incorrect_offset"}, {"correct_offset", offset}};
        upload.host.on("POST", session + "start").reply(200, R"({"session_id": "s1"})");
        upload.host.on("POST", session + "append_v2")
            .reply(409, refused("incorrect_offset", wrong));
        EXPECT_EQ(upload.run().error.code, SLUICE_CONFLICT) << offset.dump();
    }
}

TEST(dropbox_upload_session, begins_anew_when_dropbox_has_forgotten_it) {
    large_upload upload;
    upload.host.set_state(
        state_key,
        noted(json{{"session", "old"}, {"offset", piece}, {"content_hash", upload.hash}}));
    upload.host.on("POST", look).reply(409, refused("path/not_found"));
    upload.host.on("POST", session + "append_v2")
        .when([](const recorded_request& request) {
            return argument_of(request)["cursor"]["session_id"] == json("old");
        })
        .reply(409, refused("not_found"));
    accept_all(upload);
    const call_result result = upload.run();
    ASSERT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(routes(upload.host).back(), "upload_session/finish");
    EXPECT_EQ(argument_of(upload.host.requests().back())["cursor"]["session_id"], json("s1"));
    EXPECT_EQ(upload.sent(2), upload.bytes);
}

// The file was made, the answer was lost: the session is closed, and the file is there.
TEST(dropbox_upload_session, a_repeated_step_finds_the_file_made) {
    large_upload upload;
    upload.host.on("POST", session + "start").reply(200, R"({"session_id": "s1"})");
    upload.host.on("POST", session + "append_v2").reply(200, "null");
    upload.host.on("POST", session + "finish").fail(SLUICE_TIMEOUT, "no answer in time");
    upload.host.on("POST", look).reply(200, file("/big.bin", upload.hash));
    EXPECT_EQ(upload.run().error.code, SLUICE_TIMEOUT);
    const std::size_t before = upload.host.requests().size();
    const call_result again = upload.run();
    ASSERT_TRUE(again.ok) << again.explain();
    EXPECT_EQ(upload.host.requests().size(), before + 1) << "it looks, and sends nothing";
    EXPECT_TRUE(upload.host.state(state_key).empty());
}

// The name was taken, the file was made under the step's own, the answer was lost.
TEST(dropbox_upload_session, a_repeated_step_finds_the_file_under_its_other_name) {
    const std::string other = "/big.b5114203fa8ac8f3.bin";
    large_upload upload;
    upload.input.set("autorename", true);
    upload.host.on("POST", session + "start").reply(200, R"({"session_id": "s1"})");
    upload.host.on("POST", session + "append_v2").reply(200, "null");
    upload.host.on("POST", session + "finish")
        .when(about("/big.bin"))
        .reply(409, refused("path/conflict/file"));
    upload.host.on("POST", session + "finish")
        .when(about(other))
        .fail(SLUICE_TIMEOUT, "no answer in time");
    upload.host.on("POST", look)
        .when(about("/big.bin"))
        .reply(200, file("/big.bin", std::string(64, '0')));
    upload.host.on("POST", look).when(about(other)).reply(200, file(other, upload.hash));
    EXPECT_EQ(upload.run().error.code, SLUICE_TIMEOUT);
    const call_result again = upload.run();
    ASSERT_TRUE(again.ok) << again.explain();
    EXPECT_EQ(again.output["metadata"]["path_display"], json(other));
}

TEST(dropbox_upload_session, does_not_go_on_with_another_file) {
    large_upload upload;
    upload.host.set_state(
        state_key,
        noted(json{{"session", "old"}, {"offset", piece}, {"content_hash", std::string(64, '0')}}));
    accept_all(upload);
    ASSERT_TRUE(upload.run().ok);
    EXPECT_EQ(upload.sent(), upload.bytes);
}

TEST(dropbox_upload_session, forgets_what_was_refused_for_good) {
    large_upload upload;
    upload.host.on("POST", session + "start").reply(200, R"({"session_id": "s1"})");
    upload.host.on("POST", session + "append_v2").reply(200, "null");
    upload.host.on("POST", session + "finish").reply(409, refused("path/conflict/file"));
    EXPECT_EQ(upload.run().error.code, SLUICE_CONFLICT);
    EXPECT_TRUE(upload.host.state(state_key).empty());
}

TEST(dropbox_upload_session, a_session_without_an_id_is_none) {
    large_upload upload;
    upload.host.on("POST", session + "start").reply(200, "{}");
    EXPECT_EQ(upload.run().error.code, SLUICE_UNAVAILABLE);
}

TEST(dropbox_upload_session, ends_when_it_is_cancelled) {
    unsigned operations = 0;
    {
        large_upload upload;
        accept_all(upload);
        operations = upload.run().operations;
    }
    ASSERT_GT(operations, 10u);
    for (unsigned n = 0; n < operations; n += 3) {
        large_upload upload;
        accept_all(upload);
        const call_result result =
            upload.host.run_cancelled_at(n, "upload", upload.input, connection());
        EXPECT_TRUE(result.problems.empty()) << n << ": " << result.explain();
        EXPECT_TRUE(result.ok || result.error.code == SLUICE_CANCELLED) << result.explain();
    }
}

}  // namespace
}  // namespace sluice::dropbox::testing
