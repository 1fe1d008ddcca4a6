// Task lists: what they become, and what is said about wrong ones.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>

#include "json/text.hpp"
#include "manifest/duration.hpp"
#include "manifest/integration.hpp"
#include "manifest/manifest_testing.hpp"

namespace sluice::manifest {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(integration_tasks, have_true_json_pointers_from_their_flow) {
    const integration made = loaded(integration_with(R"(      - outer:
          do:
            - attempt:
                try:
                  - send: { call: app.send, with: { connection: app } }
                catch:
                  do:
                    - tell: { call: log, with: { message: no } }
)"));
    const task& outer = made.flows[0].tasks[0];
    EXPECT_EQ(outer.reference, "/do/0/outer");
    const task& attempt = std::get<do_task>(outer.body).tasks[0];
    EXPECT_EQ(attempt.reference, "/do/0/outer/do/0/attempt");
    const auto& body = std::get<try_task>(attempt.body);
    EXPECT_EQ(body.tasks[0].reference, "/do/0/outer/do/0/attempt/try/0/send");
    EXPECT_EQ((*body.handler)[0].reference, "/do/0/outer/do/0/attempt/catch/do/0/tell");
    EXPECT_EQ(outer.where.line, 22);
    std::vector<std::string> calls;
    for (const task* call : call_tasks(made.flows[0]))
        calls.push_back(call->name);
    EXPECT_THAT(calls, ElementsAre("send", "tell"));
}

TEST(integration_tasks, calls_know_connector_action_connection_and_arguments) {
    const integration made = loaded(integration_with(R"(      - send:
          call: app.create
          timeout: api
          with: { connection: app, id: "${ .n + 1 }", key: { $ref: config.token }, plain: 5 }
)"));
    const task& send = made.flows[0].tasks[0];
    const auto& call = std::get<call_task>(send.body);
    EXPECT_EQ(call.connector, "app");
    EXPECT_EQ(call.action, "create");
    EXPECT_EQ(call.connection, "app");
    ASSERT_TRUE(send.timeout);
    EXPECT_EQ(parse_duration(send.timeout->content.literal_value()).value(), 30'000);
    const auto with = call.with.evaluate(*json::parse(R"({"n":1})"), {});
    ASSERT_TRUE(with);
    EXPECT_EQ(json::to_text(*with), R"({"id":2,"key":{"$ref":"config.token"},"plain":5})");
}

TEST(integration_tasks, references_are_resolved_at_their_places_only) {
    const integration made = loaded(integration_with(R"(      - send:
          call: app.create
          with: { keys: ["${ . }", { $ref: config.token }] }
)"));
    const auto& call = std::get<call_task>(made.flows[0].tasks[0].body);
    // The event tries to look like a reference.
    const auto with = call.with.evaluate(*json::parse(R"({"$ref":"config.token"})"), {});
    ASSERT_TRUE(with);
    const json::value full = call.with.resolve_references(
        *with, [](const std::string& name) { return json::value("secret " + name); });
    EXPECT_EQ(json::to_text(full), R"({"keys":[{"$ref":"config.token"},"secret token"]})");
}

TEST(integration_tasks, switch_try_and_then_are_compiled) {
    const integration made = loaded(integration_with(R"(      - choose:
          switch:
            - one: { when: .a == 1, then: last }
            - two: { when: .a == 2, then: continue }
            - other: { then: end }
      - attempt:
          try: [ { inner: { if: .bad, raise: { error: badEvent } } } ]
          catch:
            errors: { with: { status: 422 } }
            as: problem
            when: ${ $problem.status == 422 and $error.status == 422 }
            retry: transient
            then: end
      - last: { if: "${ .x }", set: "${ $steps.attempt }", export: { as: "$context + {y: $output}" } }
)"));
    const task_list& tasks = made.flows[0].tasks;
    const auto& choose = std::get<switch_task>(tasks[0].body);
    EXPECT_EQ(choose.cases[0].then.action, directive::kind::jump);
    EXPECT_EQ(choose.cases[0].then.target, 2u);
    EXPECT_EQ(choose.cases[1].then.action, directive::kind::next);
    EXPECT_EQ(choose.cases[2].then.action, directive::kind::end);
    EXPECT_FALSE(choose.cases[2].when);
    const auto& attempt = std::get<try_task>(tasks[1].body);
    EXPECT_EQ(attempt.filter.status, 422);
    EXPECT_EQ(attempt.error_name, "problem");
    EXPECT_EQ(attempt.retry->max_retries, 2);
    EXPECT_EQ(attempt.retry->delay_ms, 1'000);
    EXPECT_EQ(attempt.then.action, directive::kind::end);
    const auto& raise = std::get<raise_task>(attempt.tasks[0].body);
    EXPECT_EQ(json::to_text(*raise.error.title.evaluate(*json::parse(R"({"id":7})"), {})),
              R"("Bad 7")");
    const std::vector<expression::binding> variables = {{"context", *json::parse(R"({"a":1})")},
                                                        {"output", json::value(2)}};
    EXPECT_EQ(json::to_text(*tasks[2].export_as->evaluate({}, variables)), R"({"a":1,"y":2})");
}

TEST(integration_tasks, an_expression_that_fails_names_its_place) {
    const integration made = loaded(integration_with("      - a: { set: { x: \"${ .a.b }\" } }\n"));
    const auto result = std::get<set_task>(made.flows[0].tasks[0].body)
                            .content.evaluate(*json::parse(R"({"a":1})"), {});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error_value().where->file, "m.yaml");
    EXPECT_EQ(result.error_value().where->line, 22);
}

struct bad_tasks {
    const char* tasks;
    const char* problems;
};
void PrintTo(const bad_tasks& of, std::ostream* out) { *out << of.tasks; }

class refused_tasks : public testing::TestWithParam<bad_tasks> {};

TEST_P(refused_tasks, say_what_where_and_what_was_meant) {
    EXPECT_EQ(problems_of(integration_with(GetParam().tasks)), GetParam().problems);
}

INSTANTIATE_TEST_SUITE_P(
    tasks, refused_tasks,
    testing::Values(
        bad_tasks{"      - a: { cal: app.x }\n",
                  "22:14: a task has no \"cal\" (did you mean \"call\"?)"},
        bad_tasks{"      - a: { set: 1, call: log }\n",
                  "22:9: the task \"a\" is both call and set (make two tasks of it)"},
        bad_tasks{"      - a: { set: 1, thn: end }\n",
                  "22:22: a task has no \"thn\" (did you mean \"then\"?)"},
        bad_tasks{"      - a: { set: 1, then: lst }\n      - last: { set: 1 }\n",
                  "22:28: there is no task \"lst\" in this list (did you mean \"last\"?)"},
        bad_tasks{
            "      - a: { do: [ { b: { set: 1, then: c } } ] }\n      - c: { set: 1 }\n",
            "22:41: \"c\" is in another list of tasks (`then` cannot leave its list; use exit "
            "or end)"},
        bad_tasks{
            "      - a: { set: 1 }\n      - a: { set: 2 }\n",
            "23:9: there are two tasks \"a\" in this flow ($steps needs a name of its own for "
            "each)"},
        bad_tasks{
            "      - a: { set: 1 }\n        b: { set: 2 }\n",
            "22:9: each item of a task list has one name, this one has 2 (write - name: { ... "
            "}, with everything of the task indented below its name)"},
        bad_tasks{
            "      - a: { call: ap.send }\n",
            "22:20: the connector \"ap\" is not among the manifest's connectors (did you mean "
            "\"app\"?)"},
        bad_tasks{"      - a: { call: send }\n",
                  "22:20: \"send\" is not a function (write connector.action, or http, openapi, "
                  "log, state.get, state.put, state.delete, state.compareAndSet, flow.start)"},
        bad_tasks{"      - a: { call: app.x, with: { connection: appp } }\n",
                  "22:47: there is no connection \"appp\" (did you mean \"app\"?)"},
        bad_tasks{"      - a: { call: app.x, with: { connection: gh } }\n",
                  "22:47: the connection \"gh\" is one of github, not of app"},
        bad_tasks{"      - a: { call: app.x, with: { k: \"${ $config.token }\" } }\n",
                  "22:49: config.token is a secret and cannot be read by an expression (pass it as "
                  "{ $ref: config.token } in `with`)"},
        bad_tasks{"      - a: { set: \"${ $config.regoin }\" }\n",
                  "22:30: config has no \"regoin\" (did you mean \"region\"?)"},
        bad_tasks{"      - a: { set: \"${ $steps.b }\" }\n      - bb: { set: 1 }\n",
                  "22:29: this flow has no task \"b\" (did you mean \"bb\"?)"},
        bad_tasks{"      - a: { set: { k: { $ref: config.token } } }\n",
                  "22:24: a reference cannot be used here (references to secrets belong in the "
                  "`with` of a call)"},
        bad_tasks{"      - a: { call: app.x, with: { k: { $ref: config.tokn } } }\n",
                  "22:46: config has no \"tokn\" (did you mean \"token\"?)"},
        bad_tasks{"      - a: { try: [ { b: { set: 1 } } ] }\n",
                  "22:9: the try \"a\" has no `catch` (catch: {} takes every error)"},
        bad_tasks{"      - a: { try: [ { b: { set: 1 } } ], catch: { retry: transent } }\n",
                  "22:58: there is no retry policy \"transent\" (did you mean \"transient\"?)"},
        bad_tasks{"      - a: { raise: { error: badEvnt } }\n",
                  "22:30: there is no error \"badEvnt\" (did you mean \"badEvent\"?)"},
        bad_tasks{"      - a: { raise: { error: { type: \"urn:x\" } } }\n",
                  "22:30: an error needs a status (a number as in HTTP, for example 422)"},
        bad_tasks{"      - a: { set: 1, timeout: { after: 5m } }\n",
                  "22:40: \"5m\" is not a duration (write ISO 8601 like PT30S, PT5M, P1DT12H, or "
                  "{seconds: 30})"},
        bad_tasks{"      - a: { switch: [ { x: { then: end } }, { y: { then: end } } ] }\n",
                  "22:48: a switch has one case without `when` at most"},
        bad_tasks{"      []\n", "22:7: a list of tasks cannot be empty"}));

TEST(refused_expressions, show_the_place_inside_the_file) {
    EXPECT_THAT(problems_of(integration_with("      - a: { set: \"${ .a + $contxt }\" }\n")),
                HasSubstr("22:28: unknown variable $contxt"));
    EXPECT_THAT(
        problems_of(integration_with("      - a:\n          if: .a ==\n          set: 1\n")),
        HasSubstr("23:20: the expression ends too early, expected"));
    EXPECT_THAT(
        problems_of(integration_with(
            "      - a:\n          set: |-\n            ${ .a |\n               nosuch(1) }\n")),
        HasSubstr("25:16: unknown function nosuch/1"));
}

TEST(refused_expressions, output_is_there_only_for_export) {
    EXPECT_THAT(problems_of(integration_with("      - a: { set: \"${ $output }\" }\n")),
                HasSubstr("unknown variable $output"));
}

}  // namespace
}  // namespace sluice::manifest
