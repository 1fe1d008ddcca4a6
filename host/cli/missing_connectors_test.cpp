#include "cli/missing_connectors.hpp"

#include <gtest/gtest.h>

#include "manifest/load.hpp"

namespace sluice::cli {
namespace {

TEST(missing_connectors, are_named_with_integration_flow_and_what_follows) {
    auto loaded = manifest::parse_integration(R"(manifest: "1"
integration: { namespace: acme, name: shop, version: 1.0.0 }
connectors: { here: "*", gone: ^2.0 }
flows:
  hook:
    trigger: { webhook: { verify: { call: gone.verify } } }
    do: [ { a: { call: here.a } } ]
  deep:
    trigger: { call: {} }
    do: [ { each: { for: { in: [1] }, do: [ { b: { call: gone.b } }, { c: { call: gone.c } } ] } } ]
  fine:
    trigger: { call: {} }
    do: [ { d: { call: here.d } }, { e: { call: log, with: { message: x } } } ]
)",
                                              "shop.yaml");
    ASSERT_TRUE(loaded.content);
    const auto integration =
        std::make_shared<const manifest::integration>(std::move(*loaded.content));
    std::vector<std::shared_ptr<const engine::bound_flow>> flows;
    for (const char* instance : {"one", "two"}) {
        for (const manifest::flow& flow : integration->flows) {
            auto bound = std::make_shared<engine::bound_flow>();
            bound->integration = integration;
            bound->flow = &flow;
            bound->instance = instance;
            flows.push_back(std::move(bound));
        }
    }
    const auto warnings = missing_connectors(
        flows,
        [](const std::string& connector,
           const manifest::version_constraint* wanted) -> std::optional<base::error> {
            if (connector == "here") return std::nullopt;
            EXPECT_EQ(wanted->text(), "^2.0");
            return base::make_error(base::error_code::not_found, "no " + connector, "drop it in");
        });
    ASSERT_EQ(warnings.size(), 2u);
    EXPECT_EQ(warnings[0].message,
              "integration acme/shop, flow \"hook\": no gone; its requests are refused until it is "
              "there");
    EXPECT_EQ(
        warnings[1].message,
        "integration acme/shop, flow \"deep\": no gone; its calls fail with 503, as its retry "
        "policies allow, until it is there");
    EXPECT_EQ(warnings[1].hint, "drop it in");
}

}  // namespace
}  // namespace sluice::cli
