// Triggers, queue, callback, record and endpoint: what they become, and what cannot hold.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>

#include "json/text.hpp"
#include "manifest/manifest_testing.hpp"

namespace sluice::manifest {
namespace {

using testing::HasSubstr;

const char* const one_task = "    do: [ { x: { set: 1 } } ]\n";

std::string flow_with(const std::string& keys) {
    return integration_of("  main:\n" + keys + one_task);
}

template <class Trigger>
Trigger trigger_of(const std::string& text) {
    return std::get<Trigger>(
        loaded(flow_with("    trigger: " + text + "\n")).find_flow("main")->trigger);
}

TEST(triggers, of_schedules) {
    const auto cron = trigger_of<schedule_trigger>(
        "{ schedule: { cron: 0 3 * * mon-fri, timezone: Asia/Tokyo } }");
    EXPECT_EQ(cron.cron, "0 3 * * mon-fri");
    EXPECT_EQ(cron.time_zone, "Asia/Tokyo");
    EXPECT_EQ(cron.overlap, schedule_trigger::overlap_rule::skip);
    const auto named = trigger_of<schedule_trigger>("{ schedule: { cron: { $ref: config.at } } }");
    EXPECT_EQ(named.cron_config, "at");
    EXPECT_EQ(named.time_zone, "Europe/Berlin") << "that of the variable";
    const auto every =
        trigger_of<schedule_trigger>("{ schedule: { every: PT5M, overlap: allow } }");
    EXPECT_EQ(every.every_ms, 300'000);
    EXPECT_EQ(every.overlap, schedule_trigger::overlap_rule::allow);
    EXPECT_EQ(trigger_of<schedule_trigger>("{ schedule: { after: { seconds: 9 } } }").after_ms,
              9'000);
}

TEST(triggers, of_events_and_those_without_content) {
    const auto event =
        trigger_of<event_trigger>("{ event: { all: [ { with: { type: x } } ], read: raw } }");
    EXPECT_EQ(event.listen.how, listen_task::strategy::all);
    EXPECT_EQ(event.listen.read, listen_task::reading::raw);
    trigger_of<deploy_trigger>("{ deploy: {} }");
    trigger_of<undeploy_trigger>("{ undeploy: {} }");
    trigger_of<call_trigger>("{ call: {} }");
    const auto hook =
        trigger_of<webhook_trigger>("{ webhook: { respond: { mode: result, within: PT9S } } }");
    EXPECT_EQ(hook.within_ms, 9'000);
}

TEST(flow_keys, become_rules) {
    const integration made = loaded(flow_with(R"(    trigger: { webhook: {} }
    queue: { key: .id, order: fifo, dedupe: .n, concurrency: 3 }
    retry: { delay: PT1S, limit: { attempt: { count: 2 } } }
    callback: { url: "${ .body.to }", secret: { $ref: config.token }, retry: { limit: { duration: PT1H } } }
    record: metadata
    timeout: { after: PT1H }
    input: { schema: { document: { type: object } }, from: .body }
    output: { schema: { document: true }, as: . }
)"));
    const flow& main = made.flows[0];
    EXPECT_EQ(main.queue.concurrency, 3);
    EXPECT_EQ(main.retry->max_retries, 2);
    EXPECT_EQ(main.callback->secret, "token");
    EXPECT_EQ(main.callback->retry->total_ms, 3'600'000);
    EXPECT_FALSE(main.callback->url.is_literal());
    EXPECT_EQ(main.record, flow::record_kind::metadata);
    EXPECT_TRUE(main.timeout && main.input_schema && main.output_schema && main.output_as);
}

struct wrong {
    const char* keys;
    const char* problems;
};
void PrintTo(const wrong& of, std::ostream* out) { *out << of.keys; }

class refused_flows : public testing::TestWithParam<wrong> {};

TEST_P(refused_flows, say_why) {
    EXPECT_EQ(problems_of(flow_with(std::string("    ") + GetParam().keys + "\n")),
              GetParam().problems);
}

INSTANTIATE_TEST_SUITE_P(
    triggers, refused_flows,
    testing::Values(
        wrong{"trigger: { poll: {} }",
              "11:22: `poll` needs `every`: how often it asks (for example every: PT5M)\n"
              "11:22: `poll` needs the `call` that asks for what is new (for example call: "
              "github.listIssues)"},
        wrong{
            "trigger: { queue: {} }",
            "11:23: `queue` needs the `call` that asks for what is new (for example call: "
            "github.listIssues)\n"
            "11:23: `queue` needs `acknowledge`: the call that takes messages off the queue once "
            "they are on disk here (for example acknowledge: { call: sqs.delete, with: { messages: "
            "\"${ .items }\" } })"},
        wrong{"trigger: { call: {} }\n    callback: { url: .body.to, secret: { $ref: config.token "
              "} }",
              "12:22: this is no address that anything could be sent to (an expression needs ${ }, "
              "for example url: ${ .body.replyTo })"},
        wrong{"trigger: { webhok: {} }",
              "11:16: there is no trigger \"webhok\" (did you mean \"webhook\"?)"},
        wrong{"trigger: { deploy: { x: 1 } }", "11:26: the trigger deploy has no \"x\""},
        wrong{"trigger: { webhook: { respond: { within: PT1S } } }",
              "11:38: nobody waits for the result, so `within` limits nothing (write mode: result "
              "beside it, or leave it out)"},
        wrong{
            "trigger: { schedule: {} }",
            "11:26: a schedule has one of `cron`, `every` and `after` (for example cron: \"0 3 * * "
            "*\" or every: PT15M)"},
        wrong{"trigger: { schedule: { cron: 0 25 * * * } }",
              "11:34: \"25\" is not a hour from 0 to 23 (write minute hour day month weekday, for "
              "example \"0 3 * * mon-fri\")"},
        wrong{"trigger: { schedule: { cron: { $ref: config.region } } }",
              "11:42: config.region is not a schedule (declare it with type: cron)"},
        wrong{"trigger: { schedule: { cron: { $ref: config.att } } }",
              "11:42: config has no \"att\" (did you mean \"at\"?)"},
        wrong{"trigger: { schedule: { every: PT0.1S } }",
              "11:35: a schedule waits a second at least"},
        wrong{"trigger: { schedule: { every: PT5M, timezone: UTC } }",
              "11:41: only a cron schedule has a time zone (leave it out)"},
        wrong{"trigger: { schedule: { cron: 0 0 * * *, timezone: berlin } }",
              "11:55: \"berlin\" is not a time zone (did you mean \"Europe/Berlin\"?)"},
        wrong{"trigger: { schedule: { after: PT5M, overlap: skip } }",
              "11:41: runs of an `after` schedule never overlap (leave it out)"},
        wrong{"trigger: { schedule: { after: PT5M, missed: all } }",
              "11:41: an `after` schedule misses nothing: it runs once it can (leave it out)"},
        wrong{"trigger: { schedule: { every: PT5M, missed: all, overlap: skip } }",
              "11:49: of all missed times, overlap: skip would leave one (write overlap: queue or "
              "allow)"}));

INSTANTIATE_TEST_SUITE_P(
    keys, refused_flows,
    testing::Values(
        wrong{"trigger: { call: {} }\n    queue: { order: fifo }",
              "12:12: order: fifo needs a key (events with an equal key keep their order)"},
        wrong{"trigger: { call: {} }\n    queue: { concurrency: 0 }",
              "12:27: a flow that may run zero times at once never runs (write 1 or more)"},
        wrong{"trigger: { call: {} }\n    callback: {}",
              "12:15: a callback needs its `url` (for example url: ${ .body.replyTo })"},
        wrong{"trigger: { call: {} }\n    callback: { url: https://x.example, secret: { $ref: "
              "config.region } }",
              "12:57: config.region is not a secret (declare it with type: secret)"},
        wrong{"trigger: { call: {} }\n    record: some",
              "12:13: \"some\" is not a kind of record (known: full, metadata, none)"},
        wrong{"trigger: { call: {} }\n    record: none",
              "12:13: record: none is only for flows whose sender waits for the result (write "
              "trigger: "
              "{ webhook: { respond: { mode: result } } })"},
        wrong{
            "trigger: { webhook: { respond: { mode: result } } }\n    record: none\n    queue: { "
            "key: .a, "
            "concurrency: 1 }\n    retry: { limit: { duration: PT1S } }\n    callback: { url: "
            "https://x.example }",
            "13:14: `key` cannot hold with record: none (events that wait for each other have to "
            "be "
            "kept)\n"
            "14:5: `retry` cannot hold with record: none (an event that may run again has to be "
            "kept)\n"
            "15:5: `callback` cannot hold with record: none (a result that is delivered later has "
            "to be "
            "kept)"}));

TEST(flows_without_record, cannot_do_what_outlives_them) {
    const std::string text = integration_of(R"(  main:
    trigger: { webhook: { respond: { mode: result } } }
    record: none
    do:
      - fine: { call: state.get, with: { key: a } }
      - nap: { wait: PT1S }
      - keep: { do: [ { put: { call: state.put, with: { key: a, value: 1 } } } ] }
      - tell: { emit: { event: { with: { type: x } } } }
      - start: { call: flow.start, with: { flow: other } }
      - hear: { listen: { to: { any: [] } } }
  other: { trigger: { call: {} }, do: [ { x: { set: 1 } } ] }
)");
    EXPECT_EQ(
        problems_of(text),
        "15:9: \"nap\" cannot run with record: none (a wait would be lost with the process)\n"
        "16:25: \"put\" cannot run with record: none (state.put writes)\n"
        "17:9: \"tell\" cannot run with record: none (events are kept until flows took them)\n"
        "18:9: \"start\" cannot run with record: none (the flow it starts has to be recorded)\n"
        "19:9: \"hear\" cannot run with record: none (waiting for events needs a record of what "
        "has come)");
}

std::string with_endpoint(const std::string& endpoint, const std::string& tasks) {
    std::string text = integration_of("  pick:\n    trigger: { preprocess: {} }\n    do:\n" +
                                      tasks + "  main:\n    trigger: { webhook: {} }\n" + one_task);
    text.insert(text.find("flows:"), endpoint);
    return text;
}

TEST(endpoints, of_instances_have_a_preprocess_flow) {
    const integration made =
        loaded(with_endpoint("endpoint: { scope: instance, preprocess: pick }\n",
                             "      - a: { set: { flow: main } }\n"));
    EXPECT_EQ(made.endpoint.scope, endpoint_rules::scope_kind::instance);
    EXPECT_EQ(made.endpoint.preprocess, "pick");
    const std::string fine = "      - a: { set: 1 }\n";
    EXPECT_EQ(
        problems_of(with_endpoint("endpoint: { scope: instance, preprocess: main }\n", fine)),
        "9:42: the flow \"main\" is no preprocess flow (give it trigger: { preprocess: {} })");
    EXPECT_EQ(problems_of(with_endpoint("endpoint: { scope: instance, preprocess: pik }\n", fine)),
              "9:42: there is no flow \"pik\" (did you mean \"pick\"?)");
    EXPECT_EQ(
        problems_of(with_endpoint("endpoint: { scope: instance }\n", fine)),
        "9:11: one address for several flows needs `preprocess` (the flow that chooses: endpoint: "
        "{ scope: instance, preprocess: name })");
    EXPECT_THAT(problems_of(with_endpoint("endpoint: { preprocess: pick }\n", fine)),
                HasSubstr("each flow has its own address, so there is nothing to choose"));
    EXPECT_THAT(warnings_of(with_endpoint("", fine)),
                HasSubstr("nothing starts the flow \"pick\""));
}

TEST(endpoints, preprocess_flows_only_choose) {
    EXPECT_EQ(
        problems_of(with_endpoint("endpoint: { scope: instance, preprocess: pick }\n",
                                  R"(      - a: { call: app.send, with: {} }
      - b: { call: http, with: { method: get, endpoint: "https://x" } }
      - c: { call: state.put, with: { key: a, value: 1 } }
      - d: { call: state.get, with: { key: a } }
      - e: { call: log, with: { message: a } }
    queue: { concurrency: 1 }
)")),
        "14:9: a preprocess flow must not call connectors (nobody has verified the event yet; do "
        "it in the flow that is chosen)\n"
        "15:9: a preprocess flow must not call http (nobody has verified the event yet; do it in "
        "the flow that is chosen)\n"
        "16:9: a preprocess flow must not change state (nobody has verified the event yet; do it "
        "in "
        "the flow that is chosen)\n"
        "19:5: a preprocess flow has no `queue` (it belongs to the flows it chooses)");
}

TEST(endpoints, may_be_shared_and_want_keys) {
    const std::string text = flow_with("    trigger: { webhook: { keys: none } }\n");
    const integration made =
        loaded(text + "endpoint: { scope: shared, route: .body.account, keys: required }\n");
    EXPECT_EQ(made.endpoint.scope, endpoint_rules::scope_kind::shared);
    EXPECT_TRUE(made.endpoint.route);
    EXPECT_EQ(made.endpoint.keys, key_rule::required);
    EXPECT_EQ(flows_with_address(made), std::vector<std::string>{"main"});
    EXPECT_EQ(key_rule_of(made, *made.find_flow("main")), key_rule::none);

    EXPECT_EQ(problems_of(text + "endpoint: { scope: shared }\n"),
              "13:11: one address for all customers needs `route` (what tells the customer: route: "
              ".body.account.id)");
    EXPECT_EQ(problems_of(text + "endpoint: { route: .body.account }\n"),
              "13:13: each instance has its own address, so there is nothing to route (write "
              "scope: shared beside it, or leave it out)");
    EXPECT_THAT(problems_of(text + "endpoint: { scope: shared, route: $config.region }\n"),
                HasSubstr("$config"));
    EXPECT_EQ(problems_of(text + "endpoint: { keys: always }\n"),
              "13:19: \"always\" is not a rule for keys (known: none, optional, required)");
    EXPECT_THAT(problems_of(flow_with("    trigger: { webhook: { body: blob } }\n") +
                            "endpoint: { scope: shared, route: .body.a }\n"),
                HasSubstr("its body tells"));
}

TEST(endpoints, that_want_keys_are_no_reason_to_warn_of_unsigned_requests) {
    const std::string text = flow_with("    trigger: { webhook: {} }\n");
    EXPECT_THAT(warnings_of(text), HasSubstr("unsigned"));
    EXPECT_EQ(warnings_of(text + "endpoint: { keys: required }\n"), "");
}

TEST(config_of_schedules, has_its_time_zone_and_is_looked_at) {
    std::string text =
        integration_of("  main:\n    trigger: { call: {} }\n" + std::string(one_task));
    EXPECT_EQ(loaded(text).config.at("at").time_zone, "Europe/Berlin");
    text.replace(text.find("0 3 * * *"), 9, "0 3 * *");
    EXPECT_EQ(problems_of(text),
              "8:30: the default: a schedule has five fields, this one has 4 (write minute hour "
              "day month "
              "weekday, for "
              "example \"0 3 * * mon-fri\")");
}

}  // namespace
}  // namespace sluice::manifest
