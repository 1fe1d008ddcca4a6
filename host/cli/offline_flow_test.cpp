#include "cli/offline_flow.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <memory>

#include "base/base_testing.hpp"
#include "json/text.hpp"
#include "manifest/load.hpp"

namespace sluice::cli {
namespace {

std::string webhooks_of(const std::string& rest) {
    const base::temporary_folder folder;
    const auto file = folder.path() / "integration.yaml";
    std::ofstream(file) << R"(manifest: "1"
integration: { namespace: test, name: offline, version: 1.0.0 }
)" << rest;
    auto loaded = manifest::load_integration(file);
    for (const base::error& problem : loaded.problems)
        ADD_FAILURE() << problem.to_text();
    if (!loaded.content) return {};
    return json::to_text(offline_webhooks(*loaded.content));
}

TEST(offline_flow, has_addresses_of_webhook_flows_alone) {
    EXPECT_EQ(webhooks_of(R"(flows:
  hook: { trigger: { webhook: {} }, do: [ { a: { set: 1 } } ] }
  inner: { trigger: { call: {} }, do: [ { b: { set: 1 } } ] }
  nightly: { trigger: { schedule: { cron: "0 3 * * *" } }, do: [ { c: { set: 1 } } ] }
)"),
              R"({"hook":"https://hooks.example/hook"})");
}

TEST(offline_flow, has_one_address_for_all_that_a_preprocess_flow_chooses_from) {
    const std::string all = webhooks_of(R"(endpoint: { scope: instance, preprocess: pick }
flows:
  pick: { trigger: { preprocess: {} }, do: [ { a: { set: { flow: hook } } } ] }
  hook: { trigger: { webhook: {} }, do: [ { b: { set: 1 } } ] }
)");
    const json::value found = json::parse(all).value();
    EXPECT_EQ(found.string_or("pick", ""), "https://hooks.example/pick");
    EXPECT_EQ(found.string_or("hook", ""), "https://hooks.example/pick");
}

}  // namespace
}  // namespace sluice::cli
