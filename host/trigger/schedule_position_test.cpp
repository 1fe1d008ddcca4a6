#include "trigger/schedule_position.hpp"

#include <gtest/gtest.h>

#include <memory>

#include "json/text.hpp"
#include "manifest/load.hpp"

namespace sluice::trigger {
namespace {

// The rule of a flow whose schedule is a variable with the zone Europe/Berlin and this value.
std::string rule_with(const std::string& value) {
    auto loaded = manifest::parse_integration(R"(manifest: "1"
integration: { namespace: acme, name: clock, version: 1.0.0 }
config: { at: { type: cron, timezone: Europe/Berlin } }
flows: { main: { trigger: { schedule: { cron: { $ref: config.at } } }, do: [ { a: { set: 1 } } ] } }
)",
                                              "m.yaml");
    EXPECT_TRUE(loaded.content);
    engine::bound_flow flow;
    flow.integration = std::make_shared<const manifest::integration>(std::move(*loaded.content));
    flow.flow = flow.integration->find_flow("main");
    flow.config = json::value::object({{"at", json::parse(value).value()}});
    const auto rule = schedule_rule_of(flow);
    EXPECT_TRUE(rule) << value;
    return rule && *rule ? (*rule)->text : "off";
}

TEST(schedule_rule, takes_the_zone_of_the_value_before_that_of_the_variable) {
    EXPECT_EQ(rule_with(R"("0 3 * * *")"), "cron 0 3 * * * Europe/Berlin");
    EXPECT_EQ(rule_with(R"({"cron": "0 3 * * *"})"), "cron 0 3 * * * Europe/Berlin");
    EXPECT_EQ(rule_with(R"({"cron": "0 3 * * *", "timezone": "Asia/Tokyo"})"),
              "cron 0 3 * * * Asia/Tokyo");
    EXPECT_EQ(rule_with("null"), "off");
}

}  // namespace
}  // namespace sluice::trigger
