#include "argument_text.hpp"
#include "dropbox_testing.hpp"

namespace sluice::dropbox::testing {
namespace {

const json look{{"path", "/a.txt"}};

TEST(dropbox_api, sends_token_and_argument) {
    mock_host host(sluice_connector_v1);
    host.on("POST", api_base + "files/get_metadata").reply(200, file("/a.txt"));
    const call_result result = host.run("getMetadata", look, connection());
    ASSERT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(result.output.get_or("name", ""), "a.txt");
    const recorded_request& request = host.requests().at(0);
    EXPECT_EQ(request.header("Authorization"), "Bearer sl.t0k3n");
    EXPECT_EQ(request.header("Content-Type"), "application/json");
    EXPECT_EQ(request.header("Dropbox-API-Path-Root"), "");
    EXPECT_EQ(request.body_json(), look);
}

// Dropbox takes "null" for an action without an argument, and no empty body.
TEST(dropbox_api, sends_null_where_there_is_no_argument) {
    mock_host host(sluice_connector_v1);
    host.on("POST", api_base + "users/get_current_account")
        .reply(200, R"({"account_id": "dbid:A"})");
    const call_result result = host.run("getCurrentAccount", json::object(), connection());
    ASSERT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(result.output.get_or("account_id", ""), "dbid:A");
    EXPECT_EQ(host.requests().at(0).body, "null");
}

TEST(dropbox_api, uses_the_addresses_the_token_and_the_root_of_the_connection) {
    mock_host host(sluice_connector_v1);
    host.on("POST", "http://127.0.0.1:81/2/files/get_metadata").reply(200, "{}");
    host.on("POST", "http://127.0.0.1:82/2/files/upload").reply(200, "{}");
    host.on("POST", "http://127.0.0.1:83/2/files/list_folder/longpoll")
        .reply(200, R"({"changes": false})");
    const json own{{"type", "token"},
                   {"token", "gen"},
                   {"pathRoot", "123"},
                   {"apiUrl", "http://127.0.0.1:81/"},
                   {"contentUrl", "http://127.0.0.1:82"},
                   {"notifyUrl", "http://127.0.0.1:83"}};
    EXPECT_TRUE(host.run("getMetadata", look, own).ok);
    EXPECT_TRUE(host.run("upload", json{{"path", "/a"}, {"text", ""}}, own).ok);
    EXPECT_TRUE(host.run("longpoll", json{{"cursor", "c"}}, own).ok);
    ASSERT_EQ(host.requests().size(), 3u);
    for (const std::size_t with_token : {0u, 1u}) {
        const recorded_request& request = host.requests()[with_token];
        EXPECT_EQ(request.header("Authorization"), "Bearer gen");
        EXPECT_EQ(json::parse(request.header("Dropbox-API-Path-Root")),
                  (json{{".tag", "namespace_id"}, {"namespace_id", "123"}}));
    }
    EXPECT_EQ(host.requests()[2].header("Authorization"), "") << "waiting needs no token";
}

TEST(dropbox_api, refuses_connections_that_cannot_work) {
    mock_host host(sluice_connector_v1);
    for (const json& bad :
         {json(), json{{"type", "oauth2"}}, json{{"type", "oauth2"}, {"token", "t"}},
          json{{"type", "token"}, {"token", ""}}, json{{"token", "t"}, {"apiUrl", "dropbox.com"}},
          json{{"token", "t"}, {"contentUrl", "https://a@b.test"}},
          json{{"token", "t"}, {"notifyUrl", "https://b.test?x=1"}},
          json{{"token", "t\r\nX-Evil: 1"}}}) {
        EXPECT_EQ(host.run("getMetadata", look, bad).error.code, SLUICE_INVALID_INPUT)
            << bad.dump();
    }
    EXPECT_TRUE(host.requests().empty());
}

TEST(dropbox_argument, is_ascii_whatever_the_path) {
    EXPECT_EQ(argument_text(json{{"path", "/plain \"a\"\n"}}), R"({"path":"/plain \"a\"\n"})");
    EXPECT_EQ(argument_text(json("Größe")), R"("Gr\u00f6\u00dfe")");
    EXPECT_EQ(argument_text(json("日本")), R"("\u65e5\u672c")");
    EXPECT_EQ(argument_text(json("😀")), R"("\ud83d\ude00")");
    EXPECT_EQ(argument_text(json("\x7F")), R"("\u007f")");
    EXPECT_EQ(argument_text(json("\xF4\x8F\xBF\xBF")), R"("\udbff\udfff")");
    EXPECT_EQ(argument_text(json("\xEF\xBF\xBF\xC2\x80")), R"("\uffff\u0080")");
    for (const char* text : {"/Größe/日本/😀.txt", "\x7F\xC2\x80", ""}) {
        EXPECT_EQ(json::parse(argument_text(json(text))), json(text));
    }
}

TEST(dropbox_argument, goes_into_the_header_of_an_upload) {
    mock_host host(sluice_connector_v1);
    host.on("POST", content_base + "files/upload").reply(200, file("/Größe.txt"));
    const json input{{"path", "/Größe 😀.txt"}, {"text", "x"}};
    ASSERT_TRUE(host.run("upload", input, connection()).ok);
    const recorded_request& request = host.requests().at(0);
    for (const char c : std::string(request.header("Dropbox-API-Arg"))) {
        EXPECT_TRUE(c >= ' ' && c < '\x7F') << static_cast<int>(c);
    }
    EXPECT_EQ(argument_of(request)["path"], input["path"]);
}

}  // namespace
}  // namespace sluice::dropbox::testing
