// emit, listen, wait, durations, schemas.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "json/schema.hpp"
#include "json/text.hpp"
#include "manifest/duration.hpp"
#include "manifest/manifest_testing.hpp"

namespace sluice::manifest {
namespace {

using testing::HasSubstr;

TEST(event_tasks, listen_with_filters_and_foreach) {
    const integration made = loaded(integration_with(R"(      - wait:
          listen:
            to:
              any:
                - with: { type: com.x, data: "${ .data.n > 1 }" }
                  correlate: { order: { from: .data.order, expect: "${ .id }" }, other: { from: .o } }
              until: length == 2
            read: envelope
          foreach:
            item: event
            at: number
            do:
              - one: { set: "${ $event }" }
            output: { as: .x }
            export: { as: $context + $output }
)"));
    const auto& listen = std::get<listen_task>(made.flows[0].tasks[0].body);
    EXPECT_EQ(listen.how, listen_task::strategy::any);
    EXPECT_EQ(listen.read, listen_task::reading::envelope);
    ASSERT_EQ(listen.filters.size(), 1u);
    EXPECT_EQ(listen.filters[0].with[0].name, "type");
    EXPECT_FALSE(listen.filters[0].with[0].is_condition);
    EXPECT_TRUE(listen.filters[0].with[1].is_condition);
    EXPECT_TRUE(listen.filters[0].correlate[0].expect);
    EXPECT_FALSE(listen.filters[0].correlate[1].expect);
    EXPECT_TRUE(listen.until);
    ASSERT_TRUE(listen.each);
    EXPECT_EQ(listen.each->item_name, "event");
    EXPECT_EQ(listen.each->index_name, "number");
    EXPECT_EQ(listen.each->tasks[0].reference, "/do/0/wait/foreach/do/0/one");
    EXPECT_TRUE(listen.each_output_as && listen.each_export_as);
}

TEST(event_tasks, listen_ends_by_an_event_or_never) {
    const auto until = [](const std::string& text) {
        return std::get<listen_task>(
            loaded(integration_with("      - a: { listen: { to: { any: [], until: " + text +
                                    " } } }\n"))
                .flows[0]
                .tasks[0]
                .body);
    };
    EXPECT_EQ(until("{ one: { with: { type: x } } }").ends->filters.size(), 1u);
    const auto any = until("{ any: [ { with: { type: x } }, { with: { type: y } } ] }").ends;
    EXPECT_EQ(any->filters.size(), 2u);
    EXPECT_FALSE(any->all);
    EXPECT_TRUE(until("{ all: [ { with: { type: x } }, { with: { type: y } } ] }").ends->all);
    EXPECT_FALSE(until(".n > 1").ends);
    EXPECT_TRUE(until("false").until_forever);
    EXPECT_EQ(problems_of(integration_with(
                  "      - a: { listen: { to: { any: [], until: { all: [] } } } }\n")),
              "22:53: `all` needs an event");
    EXPECT_EQ(problems_of(integration_with(
                  "      - a: { listen: { to: { any: [], until: { any: [], one: {} } } } }\n")),
              "22:46: which events end the listener must be said by one of `one`, `any` and `all` "
              "(for example until: { one: { with: { type: com.acme.closed } } })");
}

TEST(event_tasks, wrong_ones) {
    EXPECT_EQ(problems_of(integration_with("      - a: { listen: { to: {} } }\n")),
              "22:28: which events are meant must be said by one of `one`, `any` and `all` (for "
              "example one: { with: { type: com.acme.order } })");
    EXPECT_EQ(problems_of(integration_with("      - a: { listen: { to: { one: {} } } }\n")),
              "22:35: an event filter needs `with` (for example with: { type: com.acme.order })");
    EXPECT_EQ(problems_of(integration_with(
                  "      - a: { listen: { to: { one: { with: { type: x } }, until: . } } }\n")),
              "22:58: only `any` goes on until something (write any: [ ... ] beside it)");
    EXPECT_EQ(
        problems_of(integration_with("      - a: { emit: { event: { with: { data: 1 } } } }\n")),
        "22:37: an event needs a `type` (for example type: com.acme.order.placed.v1)");
    EXPECT_EQ(problems_of(integration_with("      - a: { set: 1, foreach: {} }\n")),
              "22:22: only a listen has `foreach`");
}

std::int64_t wait_of(const std::string& length, const char* input = "null") {
    const integration made = loaded(integration_with("      - a: { wait: " + length + " }\n"));
    const auto& wait = std::get<wait_task>(made.flows[0].tasks[0].body);
    const auto content = wait.length.content.evaluate(*json::parse(input), {});
    return content ? parse_duration(*content).value() : -1;
}

TEST(durations, are_text_objects_and_expressions) {
    EXPECT_EQ(wait_of("PT1M30S"), 90'000);
    EXPECT_EQ(wait_of("{ seconds: 2, milliseconds: 5 }"), 2'005);
    EXPECT_EQ(wait_of("{ seconds: \"${ .n }\" }", R"({"n":3})"), 3'000);
    EXPECT_EQ(wait_of("\"${ .d }\"", R"({"d":"PT4S"})"), 4'000);
    EXPECT_EQ(
        problems_of(integration_with("      - a: { wait: 5 }\n")),
        "22:20: a duration must be text or an object (write ISO 8601 like PT30S, PT5M, P1DT12H, "
        "or {seconds: 30})");
    EXPECT_EQ(problems_of(integration_with("      - a: { wait: { second: \"${ .n }\" } }\n")),
              "22:22: \"second\" is not a unit of time (did you mean \"seconds\"?)");
    EXPECT_THAT(problems_of(integration_with("      - a: { wait: \"${ .n + }\" }\n")),
                HasSubstr("ends too early"));
    const integration timed =
        loaded(integration_with("      - a: { set: 1, timeout: { after: \"${ .limit }\" } }\n"));
    EXPECT_FALSE(timed.flows[0].tasks[0].timeout->content.is_literal());
}

TEST(schemas, are_compiled_and_wrong_ones_are_shown_in_place) {
    const integration made = loaded(integration_with(
        "      - a:\n"
        "          set: 1\n"
        "          input: { schema: { format: json, document: { type: object } } }\n"
        "          output: { schema: { document: { type: integer } } }\n"
        "          export: { schema: { document: true }, as: . }\n"));
    const task& a = made.flows[0].tasks[0];
    ASSERT_TRUE(a.input_schema && a.output_schema && a.export_schema);
    EXPECT_EQ(a.input_schema->validate(json::value(1)).size(), 1u);
    EXPECT_TRUE(a.output_schema->validate(json::value(1)).empty());
    const auto with = [](const std::string& schema) {
        return problems_of(
            integration_with("      - a: { set: 1, input: { schema: " + schema + " } }\n"));
    };
    EXPECT_THAT(with("{ document: { properties: { x: { type: strin } } } }"),
                HasSubstr("22:78: this is no schema"));
    EXPECT_EQ(
        with("{ resource: { endpoint: https://x } }"),
        "22:41: schemas are not fetched from elsewhere (write it in place: schema: { document: "
        "... })");
    EXPECT_EQ(with("{ format: avro, document: {} }"),
              "22:49: schemas of the format \"avro\" are not supported (write a JSON Schema)");
    EXPECT_EQ(
        with("{}"),
        "22:39: a schema needs its `document` (write schema: { document: { type: object } })");
}

}  // namespace
}  // namespace sluice::manifest
