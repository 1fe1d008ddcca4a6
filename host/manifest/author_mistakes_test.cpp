// What an author reads about YAML that is no integration: at the word that is wrong, with what was
// meant, and once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/base_testing.hpp"
#include "base/file.hpp"
#include "manifest/manifest_testing.hpp"

namespace sluice::manifest {
namespace {

// Of one task, which begins in line 22, column 9.
std::string of_task(const std::string& task) {
    return problems_of(integration_with("      - " + task + "\n"));
}

// Of flows, the first of which begins in line 10, column 3.
std::string of_flows(const std::string& flows) { return problems_of(integration_of(flows)); }

TEST(mistyped_keys, of_built_in_calls_are_not_missing_too) {
    EXPECT_EQ(of_task("a: { call: log, with: { mesage: x } }"),
              "22:33: log has no \"mesage\" (did you mean \"message\"?)");
    EXPECT_EQ(of_task("a: { call: state.put, with: { key: x, valu: 1 } }"),
              "22:47: state.put has no \"valu\" (did you mean \"value\"?)");
    EXPECT_EQ(of_task("a: { call: flow.start, with: { flo: main } }"),
              "22:40: flow.start has no \"flo\" (did you mean \"flow\"?)");
    EXPECT_EQ(of_task("a: { call: http, with: { metod: get, endpoint: \"https://x.test\" } }"),
              "22:34: call: http has no \"metod\" (did you mean \"method\"?)");
    EXPECT_EQ(of_task("a: { call: lgo, with: { message: x } }"),
              "22:20: \"lgo\" is not a function (did you mean \"log\"?)");
}

TEST(mistyped_keys, of_tasks_are_pointed_at) {
    EXPECT_EQ(of_task("a: { sett: { x: 1 } }"),
              "22:14: a task has no \"sett\" (did you mean \"set\"?)");
    EXPECT_EQ(of_task("a: { cal: log, wiht: { message: x } }"),
              "22:14: a task has no \"cal\" (did you mean \"call\"?)\n"
              "22:24: a task has no \"wiht\" (did you mean \"with\"?)");
    EXPECT_EQ(of_task("a: {set:1}"),
              "22:13: a task has no \"set:1\" (a space is missing after \"set:\")");
    EXPECT_EQ(of_task("a: { then: end }"),
              "22:9: the task \"a\" says nothing to do (it needs one of call, set, do, for, fork, "
              "switch, try, raise, wait, emit, listen, run)");
}

TEST(mistyped_keys, of_the_manifest_and_of_flows_are_one_problem) {
    EXPECT_EQ(problems_of("manifest: \"1\"\n"
                          "integration: { namespace: acme, name: x, version: 1.0.0 }\n"
                          "flow: { main: { trigger: { call: {} }, do: [ { a: { set: 1 } } ] } }\n"),
              "3:1: a manifest has no \"flow\" (did you mean \"flows\"?)");
    EXPECT_EQ(of_flows("  main: { triger: { call: {} }, do: [ { a: { set: 1 } } ] }\n"),
              "10:11: a flow has no \"triger\" (did you mean \"trigger\"?)");
}

TEST(missing_parts, of_a_flow_are_told_at_its_name) {
    EXPECT_EQ(of_flows("  main:\n    trigger: { call: {} }\n"),
              "10:3: the flow \"main\" has no `do` (the list of its tasks: do: [ { name: { ... } } "
              "])");
    EXPECT_EQ(of_flows("  main:\n    do: [ { a: { set: 1 } } ]\n"),
              "10:3: the flow \"main\" has no `trigger` (for example trigger: { webhook: {} })");
}

TEST(wrong_values, are_told_with_what_to_write) {
    EXPECT_EQ(of_flows("  main:\n    trigger: call\n    do: [ { a: { set: 1 } } ]\n"),
              "11:14: trigger must be an object, not text (write trigger: { call: {} })");
    EXPECT_EQ(
        of_flows("  main:\n    trigger:\n      call:\n    do: [ { a: { set: 1 } } ]\n"),
        "12:7: call must be an object, not nothing (indent what belongs to it deeper than its "
        "name, or write {})");
    EXPECT_EQ(of_flows("  main:\n    trigger: { call: {} }\n    do:\n      -a: { set: 1 }\n"),
              "13:7: a space is missing after the \"-\" of an item");
    EXPECT_EQ(of_task("a: { set: 1, timeout: 5 }"),
              "22:31: timeout must be an object, not a number (write timeout: { after: PT30S })");
    EXPECT_EQ(of_task("a: { set: 1, if: yes }"),
              "22:26: unknown function yes/0\n  yes\n  ^ (write true or false; yes is text)");
    EXPECT_EQ(of_task("a:\n          call: log\n          with:{ message: x }"),
              "24:11: a task has no \"with:{ message\" (a space is missing after \"with:\")");
    EXPECT_EQ(of_task("a:\n          call: log\n          with:\n            message:hello"),
              "25:13: with must be an object, not text (a space is missing after \"message:\")");
    EXPECT_EQ(of_task("a:\n          set: ${ .a #b }"),
              "23:16: the expression is not closed (\" #\" begins a comment: put quotes around the "
              "whole expression)");
}

TEST(functions, that_are_not_there_are_told_with_what_is_written_instead) {
    const auto of_expression = [](const std::string& text) {
        return of_task("a: { set: '${ " + text + " }' }");
    };
    using testing::EndsWith;
    EXPECT_THAT(of_expression(".a | uppercase"), EndsWith("(write ascii_upcase)"));
    EXPECT_THAT(of_expression(".a | len"), EndsWith("(write length)"));
    EXPECT_THAT(of_expression(".a | join"), EndsWith("(join takes 1 argument)"));
    // What the author has made counts before what other languages have.
    EXPECT_THAT(of_expression("def join(f): f; .a | join"), EndsWith("(join takes 1 argument)"));
    EXPECT_THAT(of_expression("def count(f): f; .a | count"), EndsWith("(count takes 1 argument)"));
    EXPECT_THAT(of_expression(".a | sub(\"a\")"),
                EndsWith("(sub takes 2 or 3 arguments, with ; between them)"));
    EXPECT_THAT(of_expression(".a | length(1)"), EndsWith("(length takes 0 arguments)"));
    EXPECT_THAT(of_expression(".a | to_entires"), EndsWith("(did you mean \"to_entries/0\"?)"));
    EXPECT_THAT(of_expression("def len: 1; len"), "") << "one's own is another matter";
    EXPECT_THAT(of_expression("[.a"),
                testing::HasSubstr("the expression ends too early, expected \"]\" after"));
}

TEST(durations, are_told_with_the_unit_that_was_meant) {
    EXPECT_EQ(of_task("a: { wait: { second: 2 } }"),
              "22:22: \"second\" is not a unit of time (did you mean \"seconds\"?)");
    EXPECT_EQ(of_task("a: { wait: { second: \"${ .n }\" } }"),
              "22:22: \"second\" is not a unit of time (did you mean \"seconds\"?)");
    const std::string varies =
        ": years and months are not supported (their length varies; count in days, like P30D or "
        "{days: 30})";
    EXPECT_EQ(of_task("a: { wait: P1Y }"), "22:20: \"P1Y\"" + varies);
    EXPECT_EQ(of_task("a: { wait: P1DT2M }"), "") << "minutes";
    EXPECT_EQ(of_task("a: { wait: P2M }"), "22:20: \"P2M\"" + varies);
    EXPECT_EQ(of_task("a: { wait: { months: 1 } }"), "22:22: \"months\"" + varies);
    EXPECT_EQ(of_task("a: { wait: { year: 1 } }"), "22:22: \"year\"" + varies);
}

TEST(names_of_use, that_were_meant_are_used) {
    const std::string text = integration_with(
        "      - a: { try: [ { b: { set: 1 } } ], catch: { retry: transiant } }\n"
        "      - c: { raise: { error: badEvent } }\n");
    EXPECT_EQ(problems_of(text),
              "22:58: there is no retry policy \"transiant\" (did you mean \"transient\"?)");
    EXPECT_EQ(warnings_of(text), "17:5: nothing uses the timeout \"api\"");
}

TEST(flows_that_are_started, are_named_when_there_is_no_such_flow) {
    const std::string called = "  b: { trigger: { call: {} }, do: [ { x: { set: 1 } } ] }\n";
    const auto started = [](const std::string& name) {
        return "  only: { trigger: { deploy: {} }, do: [ { a: { call: flow.start, with: { flow: " +
               name + " } } } ] }\n";
    };
    EXPECT_EQ(of_flows(called + started("c")),
              "11:81: there is no flow \"c\" in this integration (known: b)");
    EXPECT_EQ(of_flows(started("other")),
              "10:81: there is no flow \"other\" in this integration (known: only)");
    EXPECT_EQ(of_flows(called + started("onyl")),
              "11:81: there is no flow \"onyl\" in this integration (did you mean \"only\"?)");
}

class whole_file : public testing::Test {
  protected:
    std::string told(const std::string& text) const {
        const std::filesystem::path file = folder_.path() / "m.yaml";
        EXPECT_TRUE(base::write_file(file, text));
        const base::result<file_kind> kind = kind_of_file(file);
        if (kind) return "a kind";
        base::error problem = kind.error_value();
        problem.where->file = "m.yaml";
        return problem.to_text();
    }
    base::temporary_folder folder_;
};

TEST_F(whole_file, without_keys_is_told_at_its_beginning) {
    const std::string hint =
        " (an integration has the key `integration`, an instance has `instance`, a customer "
        "`customer`, the organization `organization`)";
    EXPECT_EQ(
        told(""),
        "m.yaml:1:1: the file is empty; an integration, an instance or a customer was expected" +
            hint);
    EXPECT_EQ(
        told("# nothing\n"),
        "m.yaml:1:1: the file is empty; an integration, an instance or a customer was expected" +
            hint);
    EXPECT_EQ(told("- a\n"),
              "m.yaml:1:1: this is no integration, no instance, no customer and no organization, "
              "but a list" +
                  hint);
    EXPECT_EQ(told("hello\n"),
              "m.yaml:1:1: this is no integration, no instance, no customer and no organization, "
              "but text" +
                  hint);
    EXPECT_EQ(
        told("a: 1\n"),
        "m.yaml:1:1: this is no integration, no instance, no customer and no organization" + hint);
    EXPECT_EQ(told("integraton: {}\n"), "a kind");
    EXPECT_EQ(problems_of(""),
              "1:1: the file is empty; a manifest was expected (begin with manifest: \"1\")");
    EXPECT_EQ(problems_of("- a\n"),
              "1:1: a manifest must be an object, not a list (begin with manifest: \"1\")");
    EXPECT_EQ(problems_of("integraton: { namespace: a, name: b, version: 1.0.0 }\nmanifest: \"1\"\n"
                          "flows: { f: { trigger: { call: {} }, do: [ { a: { set: 1 } } ] } }\n"),
              "1:1: a manifest has no \"integraton\" (did you mean \"integration\"?)");
}

}  // namespace
}  // namespace sluice::manifest
