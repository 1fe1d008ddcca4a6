#include "dropbox_testing.hpp"

namespace sluice::dropbox::testing {
namespace {

const std::string create = api_base + "sharing/create_shared_link_with_settings";
const std::string list = api_base + "sharing/list_shared_links";
const json of_may{{"path", "/may.pdf"}};
const json link{{"url", "https://www.dropbox.com/s/1"}};

TEST(dropbox_links, creates_one_with_its_settings) {
    mock_host host(sluice_connector_v1);
    host.on("POST", create).reply(200, link.dump());
    json input = of_may;
    input.set("audience", "team");
    input.set("expires", "2026-12-31T00:00:00Z");
    input.set("password", "s3cret");
    input.set("allowDownload", false);
    const call_result result = host.run("createSharedLink", input, connection());
    EXPECT_EQ(result.output, (json{{"link", link}, {"created", true}})) << result.explain();
    EXPECT_EQ(host.requests().at(0).body_json(),
              (json{{"path", "/may.pdf"},
                    {"settings", json{{"audience", "team"},
                                      {"expires", "2026-12-31T00:00:00Z"},
                                      {"allow_download", false},
                                      {"require_password", true},
                                      {"link_password", "s3cret"}}}}));
    host.run("createSharedLink", of_may, connection());
    EXPECT_EQ(host.requests().at(1).body_json(), of_may) << "Dropbox refuses empty settings";
}

TEST(dropbox_links, gives_the_one_that_is_there) {
    mock_host host(sluice_connector_v1);
    const json shown{
        {".tag", "shared_link_already_exists"},
        {"shared_link_already_exists", json{{".tag", "metadata"}, {"metadata", link}}}};
    host.on("POST", create)
        .reply(409, refused("shared_link_already_exists/metadata", shown))
        .reply(409, refused("shared_link_already_exists"));
    host.on("POST", list)
        .reply(200, json{{"links", json::array({link})}, {"has_more", false}}.dump())
        .reply(200, R"({"links": [], "has_more": false})");
    for (int i = 0; i < 2; ++i) {
        const call_result result = host.run("createSharedLink", of_may, connection());
        EXPECT_EQ(result.output, (json{{"link", link}, {"created", false}})) << result.explain();
    }
    EXPECT_EQ(host.requests().back().body_json(),
              (json{{"path", "/may.pdf"}, {"direct_only", true}}));
    EXPECT_EQ(host.run("createSharedLink", of_may, connection()).error.code, SLUICE_CONFLICT)
        << "one that nobody shows is a conflict";
}

TEST(dropbox_links, lists_pages) {
    mock_host host(sluice_connector_v1);
    host.on("POST", list)
        .reply(200,
               json{{"links", json::array({link})}, {"has_more", true}, {"cursor", "c"}}.dump())
        .reply(200, R"({"links": [], "has_more": false})")
        .reply(200, "{}");
    const call_result first = host.run("listSharedLinks", json::object(), connection());
    EXPECT_EQ(first.output,
              (json{{"items", json::array({link})}, {"cursor", "c"}, {"more", true}}));
    const call_result last = host.run("listSharedLinks", json{{"cursor", "c"}}, connection());
    EXPECT_EQ(last.output, (json{{"items", json::array()}, {"cursor", nullptr}, {"more", false}}));
    EXPECT_EQ(host.requests().at(1).body_json(), (json{{"cursor", "c"}}));
    EXPECT_EQ(host.run("listSharedLinks", json::object(), connection()).error.code,
              SLUICE_UNAVAILABLE);
}

}  // namespace
}  // namespace sluice::dropbox::testing
