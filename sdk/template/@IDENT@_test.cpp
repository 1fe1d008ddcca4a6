#include <gtest/gtest.h>
#include <sluice/testing/descriptor.hpp>
#include <sluice/testing/mock_host.hpp>

using sluice::json;
using sluice::testing::mock_host;

namespace {

const json connection{{"type", "token"}, {"baseUrl", "https://api.example.com"}, {"token", "t0p"}};

TEST(@IDENT@, reads_an_item) {
    mock_host host(sluice_connector_v1);
    host.on("GET", "https://api.example.com/items/a%2Fb").reply(200, R"({"name": "a nice one"})");
    const auto result = host.run("getItem", {{"id", "a/b"}}, connection);
    EXPECT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(result.output, (json{{"name", "a nice one"}}));
    EXPECT_EQ(host.requests().at(0).header("Authorization"), "Bearer t0p");
}

TEST(@IDENT@, says_that_an_item_does_not_exist) {
    mock_host host(sluice_connector_v1);
    host.on("GET", "https://api.example.com/items/7").reply(404, "");
    const auto result = host.run("getItem", {{"id", "7"}}, connection);
    EXPECT_EQ(result.error.code, SLUICE_NOT_FOUND);
}

TEST(@IDENT@, has_the_actions_of_its_descriptor) {
    const auto problems = sluice::testing::descriptor_problems(
        *sluice_connector_v1(), sluice::testing::embedded_descriptor());
    for (const std::string& problem : problems) ADD_FAILURE() << problem;
}

}  // namespace
