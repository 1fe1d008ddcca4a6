#include "manifest/integration.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>

#include "json/text.hpp"
#include "manifest/duration.hpp"
#include "manifest/manifest_testing.hpp"

namespace sluice::manifest {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(integration_manifest, has_everything_that_was_declared) {
    const integration made = loaded(integration_with("      - a: { set: { x: 1 } }\n"));
    EXPECT_EQ(made.id, "acme/tickets");
    EXPECT_EQ(made.version, "1.2.3");
    EXPECT_TRUE(made.connectors.at("app").accepts("1.4.0"));
    EXPECT_EQ(made.connections.at("app").type, "apiKey");
    EXPECT_TRUE(made.config.at("token").secret());
    EXPECT_EQ(made.config.at("region").default_value, json::value("eu"));
    EXPECT_EQ(made.source, "m.yaml");
    ASSERT_NE(made.find_flow("main"), nullptr);
    EXPECT_TRUE(std::holds_alternative<call_trigger>(made.find_flow("main")->trigger));
    EXPECT_EQ(made.find_flow("other"), nullptr);
}

TEST(integration_manifest, hash_counts_content_not_form) {
    const std::string text = integration_with("      - a: { set: { x: 1, y: 2 } }\n");
    const std::string same =
        "# a comment\n" + integration_with("      - a: { set: { y: 2, x: 1 } }\n");
    EXPECT_EQ(loaded(text).hash, loaded(same).hash);
    EXPECT_EQ(loaded(text).hash.size(), 64u);
    EXPECT_NE(loaded(text).hash,
              loaded(integration_with("      - a: { set: { x: 2, y: 2 } }\n")).hash);
}

TEST(integration_problems, come_all_at_once_in_order) {
    const std::string text = R"(manifest: "2"
integration: { namespace: Acme, name: x, version: 1.0 }
connectors: { app: latest }
flow: {}
)";
    EXPECT_EQ(
        problems_of(text),
        "1:11: this manifest's version is not known (write manifest: \"1\")\n"
        "2:27: \"Acme\" is not a namespace (use lower-case letters, digits and dashes)\n"
        "2:51: version must be text, not a number (put it in quotes)\n"
        "3:20: \"latest\" is not a version constraint (write ^1.2, ~1.2.3, >=1.2, 1.2.3 or *)\n"
        "4:1: a manifest has no \"flow\" (did you mean \"flows\"?)");
}

TEST(integration_triggers, webhook_with_verification_and_queue) {
    std::string text = integration_with("      - a: { set: 1 }\n");
    const std::string plain = "    trigger: { call: {} }\n";
    text.replace(text.find(plain), plain.size(), R"(    trigger:
      webhook:
        verify: { call: github.verifySignature, with: { secret: { $ref: config.token } } }
        respond: { mode: result }
    queue: { key: .body.id, order: fifo, dedupe: '${ .headers["x-id"] }' }
    input: { from: "${ .body }" }
)");
    const integration made = loaded(text);
    const flow& main = made.flows[0];
    const auto& webhook = std::get<webhook_trigger>(main.trigger);
    EXPECT_EQ(webhook.mode, webhook_trigger::reply::result);
    EXPECT_EQ(webhook.verify->connector, "github");
    EXPECT_EQ(webhook.verify->action, "verifySignature");
    EXPECT_EQ(webhook.verify->with.references().at(0).config, "token");
    EXPECT_TRUE(main.queue.fifo);
    const json::value event = *json::parse(R"({"headers":{"x-id":"d1"},"body":{"id":3}})");
    EXPECT_EQ(json::to_text(*main.queue.key->evaluate(event, {})), "3");
    EXPECT_EQ(json::to_text(*main.queue.dedupe->evaluate(event, {})), R"("d1")");
    EXPECT_EQ(json::to_text(*main.input_from->evaluate(event, {})), R"({"id":3})");
}

TEST(integration_triggers, a_body_goes_to_a_blob_but_not_together_with_verification) {
    std::string text = integration_with("      - a: { set: 1 }\n");
    const std::string plain = "call: {}";
    text.replace(text.find(plain), plain.size(), "webhook: { body: blob }");
    const integration made = loaded(text);
    EXPECT_EQ(std::get<webhook_trigger>(made.flows[0].trigger).body,
              webhook_trigger::body_kind::blob);
    std::string verified = integration_with("      - a: { set: 1 }\n");
    verified.replace(verified.find(plain), plain.size(),
                     "webhook: { body: blob, verify: { call: github.verifySignature } }");
    EXPECT_THAT(problems_of(verified), HasSubstr("cannot be verified: a signature covers"));
    std::string other = integration_with("      - a: { set: 1 }\n");
    other.replace(other.find(plain), plain.size(), "webhook: { body: file }");
    EXPECT_THAT(problems_of(other), HasSubstr("\"file\" is not a body"));
}

TEST(integration_triggers, forms_are_taken_apart_where_the_manifest_says_so_also_when_signed) {
    std::string text = integration_with("      - a: { set: 1 }\n");
    const std::string plain = "call: {}";
    text.replace(text.find(plain), plain.size(),
                 "webhook: { body: form, verify: { call: github.verifySignature } }");
    const integration made = loaded(text);
    EXPECT_EQ(std::get<webhook_trigger>(made.flows[0].trigger).body,
              webhook_trigger::body_kind::form);
}

TEST(integration_warnings, are_not_enough_for_an_expression_that_is_not_closed) {
    EXPECT_THAT(problems_of(integration_with("      - a: { set: { x: \"${ .body.a\" } }\n")),
                HasSubstr("the expression is not closed (put } at its end)"));
}

TEST(integration_warnings, name_unused_parts_and_expressions_inside_longer_text) {
    const auto outcome =
        parse_integration(integration_with("      - a: { set: { x: \"n ${ .a }\" } }\n"), "m");
    ASSERT_TRUE(outcome.ok());
    ASSERT_EQ(outcome.warnings.size(), 4u);
    EXPECT_THAT(outcome.warnings[0].message, HasSubstr("uses the retry policy \"transient\""));
    EXPECT_THAT(outcome.warnings[1].message, HasSubstr("uses the error \"badEvent\""));
    EXPECT_THAT(outcome.warnings[2].message, HasSubstr("uses the timeout \"api\""));
    EXPECT_THAT(outcome.warnings[3].message, HasSubstr("is not evaluated"));
    EXPECT_EQ(outcome.warnings[3].where->line, 22);
}

TEST(integration_fuzz, mutated_manifests_never_crash) {
    const std::string seed =
        integration_with(R"(      - choose: { switch: [ { one: { when: .a == 1, then: last } } ] }
      - attempt:
          try: [ { inner: { raise: { error: badEvent } } } ]
          catch: { errors: { with: { status: 422 } }, retry: { delay: { seconds: 1 } } }
      - loop: { for: { each: x, in: .l }, while: $x, do: [ { y: { wait: { seconds: "${ $x }" } } } ] }
      - both: { fork: { branches: [ { p: { set: 1 } }, { q: { set: "${ $steps.choose }" } } ] } }
      - get: { call: http, with: { method: get, endpoint: { uri: "https://x/{id}" }, query: { a: b } } }
      - hear:
          listen: { to: { any: [ { with: { type: x }, correlate: { a: { from: .b } } } ], until: . } }
          foreach: { do: [ { z: { emit: { event: { with: { type: t } } } } } ], output: { as: . } }
          input: { schema: { document: { type: object, properties: { a: { pattern: "^a+$" } } } } }
      - start: { run: { workflow: { name: main, input: { a: 1 } }, await: false } }
      - last: { call: app.send, with: { connection: app, k: { $ref: config.token }, l: "${ .x }" } }
  timed:
    trigger: { schedule: { cron: "*/5 0 * * mon", timezone: UTC, overlap: queue } }
    queue: { key: .a, order: fifo, concurrency: 2 }
    callback: { url: "${ .a }", secret: { $ref: config.token }, retry: transient }
    do: [ { put: { call: state.put, with: { key: a, value: "${ $config.region }" }, if: false } }, { get2: { set: 1 } } ]
)");
    std::uint32_t state = 99;
    const auto next = [&state](std::size_t below) {
        state = state * 1664525u + 1013904223u;
        return static_cast<std::size_t>(state >> 8) % below;
    };
    const std::string letters = "{}[]:-,\"'|>&*!#%@` \n\t~$0aexn\x01\xc3";
    int fine = 0;
    for (int round = 0; round < 2000; ++round) {
        std::string text = seed;
        for (std::size_t i = next(4); i > 0; --i) {
            const std::size_t at = next(text.size());
            switch (next(4)) {
                case 0:
                    text.erase(at, next(30));
                    break;
                case 1:
                    text.insert(at, text.substr(next(text.size()), next(60)));
                    break;
                default:
                    text.insert(at, 1, letters[next(letters.size())]);
            }
        }
        const auto outcome = parse_integration(text, round % 4 == 0 ? "m.json" : "m.yaml");
        EXPECT_NE(outcome.ok(), !outcome.problems.empty());
        fine += outcome.ok() ? 1 : 0;
    }
    EXPECT_GT(fine, 200) << "the mutations should leave some manifests whole";
}

}  // namespace
}  // namespace sluice::manifest
