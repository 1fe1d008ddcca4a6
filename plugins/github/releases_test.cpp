#include "github_testing.hpp"

namespace sluice::github::testing {
namespace {

const std::string releases = hello + "/releases";
const std::string upload =
    "https://uploads.github.com/repos/octo/hello/releases/5/assets?name=tool.tar.gz";
const json of_hello{{"repository", "octo/hello"}};

TEST(github_releases, are_listed_created_changed_and_deleted) {
    mock_host host(sluice_connector_v1);
    host.on("GET", releases + "/latest").reply(200, R"({"id": 5})");
    host.on("GET", releases + "?per_page=100").reply(200, items(5, 1));
    host.on("POST", releases).reply(201, R"({"id": 5})");
    host.on("PATCH", releases + "/5").reply(200, R"({"id": 5})");
    host.on("DELETE", releases + "/5").reply(204, "").reply(404, "{}");
    EXPECT_EQ(host.run("listReleases", of_hello, token_connection()).output["items"].size(), 1u);
    EXPECT_TRUE(host.run("getLatestRelease", of_hello, token_connection()).ok);
    const json created{{"repository", "octo/hello"}, {"tag", "v1"},
                       {"target", "main"},           {"draft", true},
                       {"makeLatest", "true"},       {"generateNotes", true}};
    EXPECT_TRUE(host.run("createRelease", created, token_connection()).ok);
    EXPECT_EQ(host.requests().back().body_json(), (json{{"tag_name", "v1"},
                                                        {"target_commitish", "main"},
                                                        {"draft", true},
                                                        {"make_latest", "true"},
                                                        {"generate_release_notes", true}}));
    json of_5{{"repository", "octo/hello"}, {"release", 5}};
    EXPECT_EQ(host.run("updateRelease", of_5, token_connection()).error.code, SLUICE_INVALID_INPUT);
    EXPECT_EQ(host.run("deleteRelease", of_5, token_connection()).output,
              (json{{"deleted", true}}));
    EXPECT_EQ(host.run("deleteRelease", of_5, token_connection()).output,
              (json{{"deleted", false}}));
    of_5.set("draft", false);
    EXPECT_TRUE(host.run("updateRelease", of_5, token_connection()).ok);
    EXPECT_EQ(host.requests().back().body_json(), (json{{"draft", false}}));
}

struct asset_upload {
    mock_host host{sluice_connector_v1};
    json input{{"repository", "octo/hello"},
               {"release", 5},
               {"name", "tool.tar.gz"},
               {"file", host.add_blob("application/gzip", "hello")}};

    call_result run() { return host.run("uploadReleaseAsset", input, token_connection()); }

    void name_is_taken_by(const json& asset) {
        host.on("POST", upload)
            .reply(422, R"({"errors": [{"code": "already_exists", "field": "name"}]})")
            .reply(201, R"({"id": 10})");
        const json other{{"id", 8}, {"name", "other"}};
        host.on("GET", releases + "/5/assets?per_page=100")
            .reply(200, json::array({other, asset}).dump());
        host.on("DELETE", releases + "/assets/9").reply(204, "");
    }
};

const std::string digest_of_hello =
    "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

TEST(github_release_assets, stream_to_the_host_for_uploads) {
    asset_upload asset;
    asset.host.on("POST", upload + "&label=The%20tool").reply(201, R"({"id": 9})");
    asset.input.set("label", "The tool");
    const call_result result = asset.run();
    EXPECT_EQ(result.output, (json{{"asset", json{{"id", 9}}}, {"created", true}}))
        << result.explain();
    EXPECT_EQ(asset.host.requests().at(0).body, "hello");
    EXPECT_EQ(asset.host.requests().at(0).header("Content-Type"), "application/gzip");
    EXPECT_EQ(asset.host.requests().at(0).header("Authorization"), "Bearer t0k3n");
}

TEST(github_release_assets, know_where_an_enterprise_server_takes_them) {
    asset_upload asset;
    const std::string path = "/repos/octo/hello/releases/5/assets?name=tool.tar.gz";
    asset.host.on("POST", "https://git.test/api/uploads" + path).reply(201, "{}");
    asset.host.on("POST", "http://127.0.0.1:9/up" + path).reply(201, "{}");
    const json enterprise{{"token", "t"}, {"baseUrl", "https://git.test/api/v3/"}};
    EXPECT_TRUE(asset.host.run("uploadReleaseAsset", asset.input, enterprise).ok);
    const json own{{"token", "t"}, {"uploadUrl", "http://127.0.0.1:9/up"}};
    EXPECT_TRUE(asset.host.run("uploadReleaseAsset", asset.input, own).ok);
}

TEST(github_release_assets, that_are_there_with_the_same_bytes_are_no_failure) {
    asset_upload asset;
    asset.name_is_taken_by(json{
        {"id", 9}, {"name", "tool.tar.gz"}, {"state", "uploaded"}, {"digest", digest_of_hello}});
    const call_result result = asset.run();
    EXPECT_EQ(result.output["created"], json(false)) << result.explain();
    EXPECT_EQ(result.output["asset"]["id"], json(9));
}

// GitHub lists an asset under the name that it has made of the one that was given.
TEST(github_release_assets, are_found_under_their_new_names) {
    const std::pair<const char*, const char*> names[] = {{"my tool (1).zip", "my.tool.1.zip"},
                                                         {"my tool (1).zip", "my.tool..1..zip"},
                                                         {".tool~", "tool"}};
    for (const auto& [given, renamed] : names) {
        mock_host host(sluice_connector_v1);
        const json asset{
            {"id", 9}, {"name", renamed}, {"state", "uploaded"}, {"digest", digest_of_hello}};
        host.on("POST", "https://uploads.github.com/*")
            .reply(422, R"({"errors": [{"code": "already_exists", "field": "name"}]})");
        host.on("GET", releases + "/5/assets?per_page=100").reply(200, json::array({asset}).dump());
        const json input{{"repository", "octo/hello"},
                         {"release", 5},
                         {"name", given},
                         {"file", host.add_blob("application/zip", "hello")}};
        const call_result result = host.run("uploadReleaseAsset", input, token_connection());
        EXPECT_EQ(result.output["created"], json(false)) << given << result.explain();
    }
}

TEST(github_release_assets, of_other_bytes_stay_unless_they_may_be_replaced) {
    for (const json& digest : {json("sha256:00"), json()}) {
        asset_upload asset;
        asset.name_is_taken_by(
            json{{"id", 9}, {"name", "tool.tar.gz"}, {"state", "uploaded"}, {"digest", digest}});
        EXPECT_EQ(asset.run().error.code, SLUICE_CONFLICT);
    }
    asset_upload asset;
    asset.name_is_taken_by(json{{"id", 9}, {"name", "tool.tar.gz"}, {"state", "uploaded"}});
    asset.input.set("replace", true);
    const call_result result = asset.run();
    EXPECT_EQ(result.output["asset"]["id"], json(10)) << result.explain();
}

TEST(github_release_assets, that_broke_off_are_replaced) {
    asset_upload asset;
    asset.name_is_taken_by(json{{"id", 9}, {"name", "tool.tar.gz"}, {"state", "starter"}});
    const call_result result = asset.run();
    EXPECT_EQ(result.output["asset"]["id"], json(10)) << result.explain();
}

}  // namespace
}  // namespace sluice::github::testing
