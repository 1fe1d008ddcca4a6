#include "dropbox_testing.hpp"

namespace sluice::dropbox::testing {
namespace {

const std::string download = content_base + "files/download";
const std::string hash_of_hello =
    "9595c9df90075148eb06860365df33584b75bff782a510c6cd4883a419833d50";
const json of_a{{"path", "/in/a.csv"}};

sluice::testing::header_list known_as(const std::string& metadata) {
    return {{"Dropbox-API-Result", metadata}, {"Content-Type", "application/octet-stream"}};
}

TEST(dropbox_download, puts_the_bytes_into_a_file) {
    mock_host host(sluice_connector_v1);
    host.on("POST", download).reply(200, "hello", known_as(file("/in/a.csv", hash_of_hello)));
    const call_result result = host.run("download", of_a, connection());
    ASSERT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(host.blob_bytes(result.output["file"]), "hello");
    EXPECT_EQ(result.output["file"]["size"], json(5));
    EXPECT_EQ(result.output["file"]["contentType"], json("application/octet-stream"));
    EXPECT_EQ(result.output["metadata"]["rev"], json("0123456789"));
    EXPECT_EQ(argument_of(host.requests().at(0)), of_a);
    EXPECT_EQ(host.requests().at(0).body, "");
}

TEST(dropbox_download, gives_it_the_type_that_is_asked_for) {
    mock_host host(sluice_connector_v1);
    host.on("POST", download).reply(200, "hello", known_as(file("/in/a.csv", hash_of_hello)));
    json input = of_a;
    input.set("contentType", "text/csv");
    const call_result result = host.run("download", input, connection());
    EXPECT_EQ(result.output["file"]["contentType"], json("text/csv")) << result.explain();
}

TEST(dropbox_download, refuses_bytes_that_were_damaged) {
    mock_host host(sluice_connector_v1);
    host.on("POST", download).reply(200, "hellO", known_as(file("/in/a.csv", hash_of_hello)));
    const call_result result = host.run("download", of_a, connection());
    EXPECT_EQ(result.error.code, SLUICE_UNAVAILABLE) << result.explain();
    EXPECT_NE(result.error.message.find("damaged"), std::string::npos);
}

TEST(dropbox_download, takes_empty_and_huge_files) {
    mock_host host(sluice_connector_v1);
    const std::size_t block = std::size_t{4} * 1024 * 1024;
    const std::string huge(2 * block + 5, 'a');
    host.on("POST", download)
        .reply(200, "",
               known_as(file("/e",
                             "e3b0c44298fc1c149afbf4c8996fb924"
                             "27ae41e4649b934ca495991b7852b855")))
        .reply(200, huge,
               known_as(file("/h",
                             "71de3e55c54361d9bd11806037eab0a1"
                             "5b4a1876ccb9f52bd6a87e4a4badbf0d")));
    EXPECT_EQ(host.run("download", of_a, connection()).output["file"]["size"], json(0));
    EXPECT_EQ(host.run("download", of_a, connection()).output["file"]["size"], json(huge.size()));
}

TEST(dropbox_download, reads_the_refusal_that_came_in_place_of_the_file) {
    mock_host host(sluice_connector_v1);
    host.on("POST", download)
        .reply(409, refused("path/not_found"))
        .reply(401, refused("expired_access_token"))
        .reply(500, "");
    const call_result missing = host.run("download", of_a, connection());
    EXPECT_EQ(missing.error.code, SLUICE_NOT_FOUND) << missing.explain();
    EXPECT_NE(missing.error.message.find("path/not_found"), std::string::npos);
    EXPECT_EQ(host.run("download", of_a, connection()).error.http_status, 401u);
    EXPECT_EQ(host.run("download", of_a, connection()).error.code, SLUICE_UNAVAILABLE);
}

TEST(dropbox_download, needs_what_dropbox_knows_of_the_file) {
    mock_host host(sluice_connector_v1);
    host.on("POST", download).reply(200, "hello").reply(200, "hello", known_as("{\"name\""));
    for (int i = 0; i < 2; ++i) {
        const call_result result = host.run("download", of_a, connection());
        EXPECT_EQ(result.error.code, SLUICE_UNAVAILABLE) << result.explain();
    }
}

}  // namespace
}  // namespace sluice::dropbox::testing
