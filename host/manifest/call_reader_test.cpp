// Calls that the host makes itself, and those that it refuses.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>

#include "json/text.hpp"
#include "manifest/manifest_testing.hpp"

namespace sluice::manifest {
namespace {

using testing::HasSubstr;

std::string with_proofs(const std::string& task) {
    std::string text = integration_with(task);
    text.insert(text.find("flows:"),
                "  authentications: { api: { bearer: { token: { $ref: config.token } } } }\n");
    return text;
}

TEST(http_calls, have_everything_that_is_written) {
    const integration made = loaded(with_proofs(R"(      - get:
          call: http
          with:
            method: post
            endpoint: { uri: "https://x.test/{id}", authentication: { use: api } }
            headers: { x-key: { $ref: config.token }, x-n: "${ .n }" }
            query: { page: "1" }
            body: { all: "${ . }" }
            output: response
            redirect: true
)"));
    const auto& call = std::get<http_task>(made.flows[0].tasks[0].body);
    EXPECT_EQ(call.method.literal_value(), json::value("post"));
    EXPECT_EQ(call.endpoint.literal_value(), json::value("https://x.test/{id}"));
    EXPECT_EQ(call.headers.references().at(0).config, "token");
    EXPECT_EQ(json::to_text(call.query.literal_value()), R"({"page":"1"})");
    EXPECT_TRUE(call.has_body);
    EXPECT_EQ(call.output, http_output::response);
    EXPECT_TRUE(call.redirect);
    EXPECT_EQ(call.proof.type, authentication::kind::bearer);
    EXPECT_EQ(call.proof.content.references().at(0).config, "token");
}

TEST(http_calls, have_defaults) {
    const integration made = loaded(integration_with(
        "      - get: { call: http, with: { method: get, endpoint: \"${ .address }\" } }\n"));
    const auto& call = std::get<http_task>(made.flows[0].tasks[0].body);
    EXPECT_FALSE(call.endpoint.is_literal());
    EXPECT_FALSE(call.has_body);
    EXPECT_EQ(call.output, http_output::content);
    EXPECT_FALSE(call.redirect);
    EXPECT_EQ(call.proof.type, authentication::kind::none);
    EXPECT_EQ(json::to_text(call.headers.literal_value()), "{}");
}

TEST(openapi_calls, have_everything_that_is_written) {
    const integration made = loaded(integration_with(R"(      - find:
          call: openapi
          with:
            document: { endpoint: petstore.json }
            operationId: findPets
            parameters: { status: "${ .status }" }
            authentication: { basic: { username: me, password: { $ref: config.token } } }
            output: raw
)"));
    const auto& call = std::get<openapi_task>(made.flows[0].tasks[0].body);
    EXPECT_EQ(call.document.literal_value(), json::value("petstore.json"));
    EXPECT_EQ(call.operation.literal_value(), json::value("findPets"));
    EXPECT_EQ(call.output, http_output::raw);
    EXPECT_EQ(call.proof.type, authentication::kind::basic);
    EXPECT_EQ(call.proof.content.references().at(0).config, "token");
}

struct bad_call {
    const char* task;
    const char* problems;
};
void PrintTo(const bad_call& of, std::ostream* out) { *out << of.task; }

class refused_calls : public testing::TestWithParam<bad_call> {};

TEST_P(refused_calls, say_what_and_what_to_do) {
    EXPECT_EQ(problems_of(with_proofs(std::string("      - a: ") + GetParam().task + "\n")),
              GetParam().problems);
}

INSTANTIATE_TEST_SUITE_P(
    calls, refused_calls,
    testing::Values(
        bad_call{"{ call: http, with: {} }",
                 "23:32: the call needs `method` (for example method: get)\n"
                 "23:32: the call needs `endpoint` (for example endpoint: "
                 "https://api.example.com/items)"},
        bad_call{"{ call: http, with: { method: get, endpoint: x.test } }",
                 "23:57: \"x.test\" is not an address (begin with https:// or http://)"},
        bad_call{"{ call: http, with: { method: get, endpoint: \"https://x\", outputs: raw } }",
                 "23:70: call: http has no \"outputs\" (did you mean \"output\"?)"},
        bad_call{"{ call: http, with: { method: get, endpoint: \"https://x\", output: row } }",
                 "23:78: \"row\" is not a kind of output (did you mean \"raw\"?)"},
        bad_call{"{ call: http, with: { method: get, endpoint: \"https://x\", headers: 5 } }",
                 "23:79: headers must be an object, not a number"},
        bad_call{
            "{ call: http, with: { method: get, endpoint: { uri: \"https://x\", authentication: "
            "{ use: apo } } } }",
            "23:100: there is no authentication \"apo\" (did you mean \"api\"?)"},
        bad_call{
            "{ call: http, with: { method: get, endpoint: { uri: \"https://x\", authentication: "
            "{ kerberos: {} } } } }",
            "23:95: authentication has no \"kerberos\" (known: basic, bearer, digest, oauth2, "
            "oidc)"},
        bad_call{
            "{ call: http, with: { method: get, endpoint: { uri: \"https://x\", authentication: "
            "{ basic: { username: u } } } } }",
            "23:102: basic needs a `password`"},
        bad_call{"{ call: openapi, with: { operationId: x } }",
                 "23:35: the call needs `document` (write document: { endpoint: https://... })"},
        bad_call{
            "{ call: grpc, with: {} }",
            "23:20: call: grpc is not supported (call an action of a connector that speaks it, "
            "or call: http)"},
        bad_call{"{ call: mcp, with: {} }",
                 "23:20: call: mcp is not supported (call: http to the server's own interface)"},
        bad_call{
            "{ call: \"log:1.0.0@public\" }",
            "23:20: functions are not fetched from elsewhere (declare the function below `use: "
            "functions:`)"},
        bad_call{
            "{ call: state.putt, with: { key: a } }",
            "23:20: the connector \"state\" is not among the manifest's connectors (did you mean "
            "\"state.put\"?)"},
        bad_call{"{ call: state.put, with: { key: a } }", "23:37: state.put needs `value`"},
        bad_call{"{ call: state.get, with: { key: a, scope: global } }",
                 "23:54: \"global\" is not a scope (known: flow, instance, integration)"},
        bad_call{"{ call: log }", "23:12: log needs `message`"},
        bad_call{"{ call: flow.start, with: { flow: mian } }",
                 "23:46: there is no flow \"mian\" in this integration (did you mean \"main\"?)"},
        bad_call{"{ run: { workflow: { name: other } } }",
                 "23:39: there is no flow \"other\" in this integration (known: main)"},
        bad_call{
            "{ run: { workflow: { namespace: else, name: main } } }",
            "23:44: \"else\" is another namespace (only flows of this integration can be run; its "
            "namespace is acme)"},
        bad_call{"{ run: { script: { language: js } } }",
                 "23:21: scripts are not run by this host (call an action of a connector, or call: "
                 "http)"},
        bad_call{
            "{ run: { shell: { command: ls } } }",
            "23:21: shell commands are not run by this host (call an action of a connector, or "
            "call: http)"}));

TEST(run_tasks, name_a_sibling) {
    const integration made = loaded(integration_of(R"(  a:
    trigger: { deploy: {} }
    do:
      - x: { run: { workflow: { namespace: acme, name: b, version: 1.0.0, input: { n: "${ .n }" } }, await: false } }
      - y: { call: flow.start, with: { flow: b, input: "${ . }" } }
  b:
    trigger: { call: {} }
    do: [ { z: { set: 1 } } ]
)"));
    const auto& run = std::get<run_task>(made.flows[0].tasks[0].body);
    EXPECT_EQ(run.flow, "b");
    EXPECT_FALSE(run.await);
    EXPECT_TRUE(run.input);
    EXPECT_EQ(std::get<call_task>(made.flows[0].tasks[1].body).action, "flow.start");
    EXPECT_THAT(
        problems_of(integration_of("  a: { trigger: { deploy: {} }, do: [ { x: { call: flow.start, "
                                   "with: { flow: a } } } ] }\n")),
        HasSubstr("the flow \"a\" is not started by others (give it trigger: { call: {} })"));
}

TEST(use_of_manifests, refuses_what_comes_from_elsewhere) {
    std::string text = integration_with("      - a: { set: 1 }\n");
    text.insert(text.find("flows:"), "  catalogs: {}\n  extensions: []\n  secrets: [other]\n");
    EXPECT_EQ(
        problems_of(text),
        "18:3: catalogs are not supported (declare the function below `use: functions:`)\n"
        "19:3: extensions are not supported (write the tasks before and after into the flow)\n"
        "20:13: config has no secret \"other\" (declare it: config: { other: { type: secret } })");
}

}  // namespace
}  // namespace sluice::manifest
