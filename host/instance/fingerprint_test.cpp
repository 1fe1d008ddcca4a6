#include "instance/fingerprint.hpp"

#include <gtest/gtest.h>

#include "json/text.hpp"
#include "manifest/load.hpp"

namespace sluice::instance {
namespace {

manifest::integration integration(const std::string& release = "1.0.0") {
    auto loaded = manifest::parse_integration(R"(manifest: "1"
integration: { namespace: test, name: one, version: )" +
                                                  release + R"( }
connectors: { app: "*" }
connections: { main: { connector: app } }
config: { region: { type: string }, hookSecret: { type: secret } }
flows: { f: { trigger: { call: {} }, do: [ { a: { set: 1 } } ] } }
)",
                                              "test");
    EXPECT_TRUE(loaded.content);
    return std::move(*loaded.content);
}

std::string of(const std::string& config, const std::string& connection,
               const std::string& public_url = {}, const std::string& release = "1.0.0") {
    const std::string text =
        R"({"instance":"a","config":)" + config + R"(,"connections":{"main":)" + connection + "}}";
    return fingerprint_of(integration(release), json::parse(text).value(), public_url);
}

TEST(fingerprint, changes_with_what_an_instance_does) {
    const std::string base = of(R"({"region":"north"})", R"({"baseUrl":"https://a.example"})");
    EXPECT_EQ(base.size(), 64u);
    EXPECT_EQ(of(R"({"region":"north"})", R"({"baseUrl":"https://a.example"})"), base);
    EXPECT_NE(of(R"({"region":"south"})", R"({"baseUrl":"https://a.example"})"), base);
    EXPECT_NE(of(R"({"region":"north"})", R"({"baseUrl":"https://b.example"})"), base);
    EXPECT_NE(of(R"({"region":"north"})", R"({"baseUrl":"https://a.example"})", "https://h"), base);
    EXPECT_NE(of(R"({"region":"north"})", R"({"baseUrl":"https://a.example"})", "", "1.0.1"), base);
}

TEST(fingerprint, tells_nothing_about_secrets_and_notices_another_reference) {
    EXPECT_EQ(of(R"({"hookSecret":"first"})", R"({"apiKey":"first"})"),
              of(R"({"hookSecret":"other"})", R"({"apiKey":"other"})"));
    EXPECT_NE(of(R"({"hookSecret":{"$env":"A"}})", "{}"),
              of(R"({"hookSecret":{"$env":"B"}})", "{}"));
    EXPECT_NE(of("{}", R"({"apiKey":{"$file":"/a"}})"), of("{}", R"({"apiKey":{"$file":"/b"}})"));
}

TEST(fingerprint, files_are_named_from_the_root) {
    const json::value document =
        json::parse(R"({"config":{"a":{"$file":"../x/key"},"b":[{"$file":"/etc/k"}],"c":"./d"}})")
            .value();
    EXPECT_EQ(json::to_text(with_absolute_files(document, "/srv/acme")),
              R"({"config":{"a":{"$file":"/srv/x/key"},"b":[{"$file":"/etc/k"}],"c":"./d"}})");
}

}  // namespace
}  // namespace sluice::instance
