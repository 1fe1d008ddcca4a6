// The manifest section `alerts`.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "manifest/callback_flow.hpp"
#include "manifest/manifest_testing.hpp"

namespace sluice::manifest {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using condition = alert::condition;

std::string with_alerts(const std::string& alerts, const std::string& connections = R"(
connectors: { app: "*" }
connections: { crm: { connector: app }, shop: { connector: app } })") {
    return R"(manifest: "1"
integration: { namespace: test, name: one, version: 1.0.0 })" +
           connections + R"(
config: { key: { type: secret }, to: { type: string } }
flows:
  import: { trigger: { webhook: {} }, do: [ { a: { set: 1 } } ] }
  nightly: { trigger: { schedule: { every: { hours: 24 } } }, do: [ { a: { set: 1 } } ] }
  price: { trigger: { webhook: { respond: { mode: result } } }, record: none, do: [ { a: { set: 1 } } ] }
  setUp: { trigger: { deploy: {} }, do: [ { a: { set: 1 } } ] }
alerts:
)" + alerts;
}

TEST(alerts, say_what_is_watched_and_who_is_told) {
    const integration made = loaded(with_alerts(R"(
  broken: { on: failure, url: "https://ops.example.com/x", secret: { $ref: config.key } }
  late:
    on: { overdue: { after: { hours: 26 } } }
    flows: [ nightly ]
    url: ${ $config.to }
    secret: { $ref: config.key }
    retry: { delay: PT1M, limit: { attempt: { count: 2 } } }
  login: { on: connection, connections: [ crm ], url: { $ref: config.to }, secret: { $ref: config.key } }
  anyLogin: { on: connection, url: { $ref: config.to }, secret: { $ref: config.key } }
)"));
    ASSERT_EQ(made.alerts.size(), 4u);
    EXPECT_EQ(made.alerts[0].name, "broken");
    EXPECT_EQ(made.alerts[0].on, condition::failure);
    EXPECT_THAT(made.alerts[0].about, ElementsAre("import", "nightly", "setUp"))
        << "all whose ends are recorded";
    EXPECT_EQ(made.alerts[0].secret, "key");
    EXPECT_EQ(made.alerts[1].on, condition::overdue);
    EXPECT_EQ(made.alerts[1].after_ms, 26 * 3'600'000);
    EXPECT_TRUE(made.alerts[1].watches("nightly"));
    EXPECT_FALSE(made.alerts[1].watches("import"));
    EXPECT_EQ(made.alerts[1].retry->max_retries, 2);
    EXPECT_EQ(made.alerts[2].on, condition::connection);
    EXPECT_THAT(made.alerts[2].about, ElementsAre("crm"));
    EXPECT_EQ(made.alerts[2].url.references().at(0).config, "to");
    EXPECT_THAT(made.alerts[3].about, ElementsAre("crm", "shop"));
}

TEST(alerts, each_has_a_flow_that_tells_it) {
    const integration made = loaded(with_alerts(
        "  broken: { on: failure, url: \"https://x.example\", secret: { $ref: config.key } }\n"));
    const flow* const tells = made.find_flow("broken.alert");
    ASSERT_NE(tells, nullptr);
    EXPECT_TRUE(std::holds_alternative<callback_trigger>(tells->trigger));
    EXPECT_EQ(tells->retry->max_retries, 7) << "the host's policy";
    EXPECT_FALSE(tells->only_computes);
    EXPECT_FALSE(made.alerts[0].watches("broken.alert")) << "nobody is told about the telling";
    const std::string taken = with_alerts(
        "  broken: { on: failure, url: \"https://x.example\", secret: { $ref: config.key } }\n");
    std::string named = taken;
    named.replace(named.find("  setUp:"), 8, "  broken.alert:");
    EXPECT_THAT(problems_of(named), HasSubstr("is one that the host uses for another flow"));
}

TEST(alerts, that_are_not_signed_get_a_warning) {
    EXPECT_THAT(warnings_of(with_alerts("  a: { on: failure, url: \"https://x.example\" }\n")),
                HasSubstr("the alert is not signed (add secret: { $ref: config.name })"));
}

TEST(alerts, mistakes_are_told_with_their_place_and_a_hint) {
    const std::string rest = R"(, url: "https://x.example", secret: { $ref: config.key } })";
    const std::vector<std::pair<std::string, std::string>> cases = {
        {"  a: { on: failure, flows: [ imports ]" + rest,
         "12:30: there is no flow \"imports\" (did you mean \"import\"?)"},
        {"  a: { on: failures" + rest,
         "12:12: \"failures\" is not a condition of an alert (did you mean \"failure\"?)"},
        {"  a: { on: overdue" + rest,
         "12:12: overdue needs `after` (write on: { overdue: { after: { hours: 2 } } })"},
        {"  a: { on: { overdue: {} }, flows: [ nightly ]" + rest,
         "12:23: overdue needs `after` (for example overdue: { after: { hours: 2 } })"},
        {"  a: { on: { overdue: { after: { hours: 2 } } }" + rest,
         "12:6: an alert on what is overdue names its `flows` (those that come again and again, "
         "for example flows: [ nightly ])"},
        {"  a: { on: { overdue: { after: PT0.5S } }, flows: [ nightly ]" + rest,
         "12:32: a flow cannot be overdue after less than a second (write how long it may be "
         "without a success, for example { hours: 2 })"},
        {"  a: { on: { overdue: { after: P400D } }, flows: [ nightly ]" + rest,
         "12:32: after more than a year nobody would be waiting any more (write at most "
         "{ days: 366 })"},
        {"  a: { on: { overdue: { after: soon } }, flows: [ nightly ]" + rest, "12:32: "},
        {"  a: { on: { overdue: { after: PT1H } }, flows: [ setUp ]" + rest,
         "12:51: the flow \"setUp\" does not come again and again (only a deployment starts it)"},
        {"  a: { on: { late: PT1H } " + rest, "12:14: a condition has no \"late\""},
        {"  a: { on: failure, flows: [ price ]" + rest,
         "12:30: nothing is recorded of the flow \"price\" (an alert needs flows with record: full "
         "or metadata)"},
        {"  a: { on: failure, flows: []" + rest,
         "12:28: an alert that watches nothing is never raised (name a flow, or leave this out for "
         "all of them)"},
        {"  a: { on: failure, connections: [ crm ]" + rest,
         "12:21: only an alert with on: connection looks at connections (name flows: [ ... ], or "
         "leave this out)"},
        {"  a: { on: connection, connections: [ crn ]" + rest,
         "12:39: there is no connection \"crn\" (did you mean \"crm\"?)"},
        {"  a: { on: connection, flows: [ import ]" + rest,
         "12:24: an alert on connections does not look at flows (name connections: [ ... ], or "
         "leave this out)"},
        {"  a b: { on: failure" + rest,
         "12:3: \"a b\" cannot be the name of an alert (use letters, digits, dashes and "
         "underscores, at most 64)"},
        {"  a: { url: \"https://x.example\", secret: { $ref: config.key } }",
         "12:6: an alert needs `on` (write on: failure, on: connection or on: { overdue: { after: "
         "{ hours: 2 } } })"},
        {"  a: { on: failure, secret: { $ref: config.key } }",
         "12:6: an alert needs its `url` (for example url: ${ $config.alertUrl })"},
        {"  a: { on: failure, url: ops.example.com, secret: { $ref: config.key } }",
         "12:26: this is no address that anything could be sent to (an expression needs ${ }, for "
         "example url: ${ $config.alertUrl })"},
        {"  a: { on: failure, url: \"${ $config.tO }\", secret: { $ref: config.key } }",
         "config has no \"tO\""},
        {"  a: { on: failure, url: \"https://x.example\", secret: { $ref: config.to } }",
         "config.to is not a secret (declare it with type: secret)"},
        {"  a: { on: failure, url: \"https://x.example\", secret: { $ref: config.kee } }",
         "config has no \"kee\" (did you mean \"key\"?)"},
        {"  a: { on: failure, when: now" + rest, "12:21: an alert has no \"when\""},
        {"  a: 5", "an alert must be an object"},
    };
    for (const auto& [alert, problem] : cases) {
        const std::string found = problems_of(with_alerts(alert + "\n"));
        EXPECT_THAT(found, HasSubstr(problem)) << alert;
        EXPECT_EQ(std::count(found.begin(), found.end(), '\n'), 0) << "one problem: " << found;
    }
}

TEST(alerts, addresses_know_nothing_of_what_has_happened) {
    EXPECT_THAT(
        problems_of(with_alerts(
            "  a: { on: failure, url: \"${ $trigger.x }\", secret: { $ref: config.key } }\n")),
        HasSubstr("12:30: unknown variable $trigger"));
}

TEST(alerts, on_connections_need_connections) {
    EXPECT_THAT(
        problems_of(with_alerts("  a: { on: connection, url: \"https://x.example\" }\n", "")),
        HasSubstr("this integration has no connections"));
}

}  // namespace
}  // namespace sluice::manifest
