#include "plugin/descriptor.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "json/text.hpp"
#include "sluice/abi.h"

namespace sluice::plugin {

namespace {

using testing::ElementsAre;
using testing::HasSubstr;

json::value sample() {
    return *json::parse(R"({
        "sluice": 1, "id": "sample-app", "version": "1.20.3", "title": "Sample",
        "vendor": "Somebody", "licence": "MIT", "inHost": "it needs a screen",
        "abi": { "major": 1, "minor": 0 },
        "services": { "required": ["sluice.http/1"], "optional": ["sluice.timer/1"] },
        "connections": { "token": { "title": "Token", "kind": "bearer", "fields": {
            "type": "object", "properties": {
                "baseUrl": { "type": "string" }, "token": { "type": "string", "secret": true },
                "user": { "type": "string", "secret": false } } } } },
        "actions": { "create": { "title": "Create", "connection": "required",
                                 "flags": ["idempotent", "blocking"],
                                 "input": { "type": "object" } },
                     "verify": { "title": "Verify", "flags": ["verifier"] } } })");
}

std::string refusal_of(const json::value& document) {
    const auto parsed = parse_descriptor(json::to_text(document));
    return parsed ? "accepted" : parsed.error_value().message;
}

}  // namespace

TEST(descriptor, gives_what_the_text_says) {
    const auto parsed = parse_descriptor(json::to_text(sample()));
    ASSERT_TRUE(parsed) << parsed.error_value().to_text();
    EXPECT_EQ(parsed->id, "sample-app");
    EXPECT_EQ(parsed->version.to_text(), "1.20.3");
    EXPECT_EQ(parsed->vendor, "Somebody");
    EXPECT_THAT(parsed->required_services, ElementsAre("sluice.http/1"));
    EXPECT_THAT(parsed->connections.at("token").secret_fields, ElementsAre("token"));
    EXPECT_THAT(parsed->connections.at("token").harmless_fields, ElementsAre("user"));
    EXPECT_EQ(parsed->in_host, "it needs a screen");
    const action_description* create = parsed->find_action("create");
    ASSERT_NE(create, nullptr);
    EXPECT_EQ(create->connection, connection_need::required);
    EXPECT_TRUE(create->blocking);
    EXPECT_TRUE(create->idempotent);
    EXPECT_FALSE(create->verifier);
    EXPECT_TRUE(create->input_schema.is_object());
    EXPECT_TRUE(parsed->find_action("verify")->verifier);
    EXPECT_EQ(parsed->find_action("nothing"), nullptr);
}

TEST(descriptor, says_which_key_is_wrong) {
    const std::pair<const char*, json::value> cases[] = {
        {"`sluice`", 7},        {"`id`", "Big Letters"},
        {"`version`", "1.0"},   {"`title`", ""},
        {"`abi`", "0.1"},       {"`services`", 1},
        {"`connections`", "x"}, {"`actions`", json::value::object()},
        {"`actions`", nullptr}, {"`description`", 5},
    };
    for (const auto& [key, wrong] : cases) {
        json::value document = sample();
        document.set(std::string(key).substr(1, std::string(key).size() - 2), wrong);
        EXPECT_THAT(refusal_of(document), HasSubstr(key));
    }
}

TEST(descriptor, says_what_is_wrong_with_an_action) {
    const std::pair<const char*, const char*> cases[] = {
        {R"({"with-dash": {"title": "x"}})", "actions.with-dash"},
        {R"({"a": {}})", "actions.a.title"},
        {R"({"a": 1})", "actions.a"},
        {R"({"a": {"title": "x", "flags": "blocking"}})", "actions.a.flags"},
        {R"({"a": {"title": "x", "connection": "maybe"}})", "actions.a.connection"},
        {R"({"a": {"title": "x", "input": []}})", "actions.a.input"},
        {R"({"a": {"title": "x", "flags": ["handshake"]}})", "actions.a.flags"},
        {R"({"a": {"title": "x", "flags": ["pages"]}})", "actions.a.input"},
        {R"({"a": {"title": "x", "flags": ["pages"], "input": {"properties": {"cursor": {}}},
             "output": {"properties": {"items": {"type": "array"}, "cursor": {}}}}})",
         "actions.a.output"},
        {R"({"a": {"title": "x", "errors": {}}})", "actions.a.errors"},
        {R"({"a": {"title": "x", "errors": ["auth"]}})", "actions.a.errors"},
        {R"({"a": {"title": "x", "errors": [{"when": "x"}]}})", "actions.a.errors.code"},
        {R"({"a": {"title": "x", "errors": [{"code": "auth"}]}})", "actions.a.errors.when"},
    };
    for (const auto& [actions, key] : cases) {
        json::value document = sample();
        document.set("actions", *json::parse(actions));
        EXPECT_THAT(refusal_of(document), HasSubstr(key));
    }
}

TEST(descriptor, gives_icon_docs_errors_and_flags_of_pages_and_handshakes) {
    json::value document = sample();
    document.set("icon", "<svg viewBox='0 0 1 1'><path d='M0 0'/></svg>");
    document.set("docs", "# Sample");
    document.set("actions", *json::parse(R"({
        "list": {"title": "List", "flags": ["pages"],
                 "input": {"properties": {"cursor": {}}},
                 "output": {"properties": {"items": {"type": "array"}, "cursor": {}, "more": {}}},
                 "errors": [{"code": "rate_limited", "when": "too many requests"}]},
        "verify": {"title": "Verify", "flags": ["verifier", "handshake"]}})"));
    const auto parsed = parse_descriptor(json::to_text(document));
    ASSERT_TRUE(parsed) << parsed.error_value().to_text();
    EXPECT_THAT(parsed->icon, HasSubstr("<path"));
    EXPECT_EQ(parsed->docs, "# Sample");
    const action_description& list = *parsed->find_action("list");
    EXPECT_TRUE(list.pages);
    ASSERT_EQ(list.errors.size(), 1u);
    EXPECT_EQ(list.errors[0].code, base::error_code::rate_limited);
    EXPECT_EQ(list.errors[0].when, "too many requests");
    EXPECT_TRUE(parsed->find_action("verify")->handshake);
    EXPECT_FALSE(list.handshake);
}

TEST(descriptor, what_a_later_minor_version_adds_is_left_out) {
    json::value document = sample();
    document.set("tariff", "blue");
    document.set("actions", *json::parse(R"({"a": {"title": "A", "flags": ["fast", "idempotent"],
        "errors": [{"code": "busy", "when": "x"}, {"code": "auth", "when": "y"}]}})"));
    const auto parsed = parse_descriptor(json::to_text(document));
    ASSERT_TRUE(parsed) << parsed.error_value().to_text();
    EXPECT_TRUE(parsed->find_action("a")->idempotent);
    ASSERT_EQ(parsed->find_action("a")->errors.size(), 1u);
}

TEST(descriptor, from_before_abi_1_is_refused_with_a_sentence) {
    json::value document = sample();
    document.set("sluice", 0);
    EXPECT_THAT(refusal_of(document), HasSubstr("before ABI 1.0"));
}

TEST(descriptor, refuses_what_must_not_be_shown) {
    const std::pair<const char*, json::value> cases[] = {
        {"icon", "<svg onload='alert(1)'/>"},
        {"icon", "<svg><script/></svg>"},
        {"icon", ""},
        {"docs", std::string((64u << 10) + 1, 'x')},
    };
    for (const auto& [key, wrong] : cases) {
        json::value document = sample();
        document.set(key, wrong);
        EXPECT_THAT(refusal_of(document), HasSubstr("`" + std::string(key) + "`"));
    }
}

TEST(descriptor, says_what_is_wrong_with_a_connection) {
    json::value document = sample();
    document.set("connections", *json::parse(R"({"token": {"title": "T", "kind": "magic"}})"));
    EXPECT_THAT(refusal_of(document), HasSubstr("connections.token.kind"));
    // A word that is no flag must not leave the field unprotected.
    document.set("connections", *json::parse(R"({"token": {"title": "T", "kind": "bearer", "fields":
        {"type": "object", "properties": {"token": {"type": "string", "secret": "true"}}}}})"));
    EXPECT_THAT(refusal_of(document), HasSubstr("fields.properties.token.secret"));
}

TEST(descriptor, refuses_text_that_is_not_json_with_its_place) {
    const auto parsed = parse_descriptor("{\n  \"sluice\": 1,\n  oops }");
    ASSERT_FALSE(parsed);
    EXPECT_THAT(parsed.error_value().message, HasSubstr("line 3"));
}

TEST(descriptor, refuses_a_text_that_is_too_large_or_too_deep) {
    json::value document = sample();
    document.set("description", std::string(descriptor_size_limit, 'x'));
    EXPECT_NE(refusal_of(document), "accepted");
    std::string deep = json::to_text(sample());
    deep.pop_back();
    deep += ",\"x\":" + std::string(70, '[') + std::string(70, ']') + "}";
    EXPECT_FALSE(parse_descriptor(deep));
}

TEST(descriptor, another_abi_is_refused_with_what_to_do) {
    auto parsed = parse_descriptor(json::to_text(sample()));
    ASSERT_TRUE(parsed);
    EXPECT_TRUE(check_compatibility(*parsed));
    parsed->abi_major = 3;
    const auto newer = check_compatibility(*parsed);
    ASSERT_FALSE(newer);
    EXPECT_THAT(newer.error_value().message, HasSubstr("ABI 3.0"));
    EXPECT_THAT(newer.error_value().hint, HasSubstr("Update the host"));
    parsed->abi_major = SLUICE_ABI_MAJOR;
    parsed->abi_minor = SLUICE_ABI_MINOR + 1;
    EXPECT_THAT(check_compatibility(*parsed).error_value().hint, HasSubstr("Update the host"));
    parsed->abi_major = 0;
    EXPECT_THAT(check_compatibility(*parsed).error_value().hint, HasSubstr("Build the connector"));
}

TEST(descriptor, a_required_service_that_is_missing_is_named) {
    auto parsed = parse_descriptor(json::to_text(sample()));
    ASSERT_TRUE(parsed);
    parsed->optional_services = {"sluice.teleport/9"};
    EXPECT_TRUE(check_compatibility(*parsed));
    parsed->required_services = {"sluice.http/2"};
    const auto checked = check_compatibility(*parsed);
    ASSERT_FALSE(checked);
    EXPECT_THAT(checked.error_value().message, HasSubstr("sluice.http/2"));
}

namespace {

// The sample with a connection type that has these fields and this section.
json::value with_oauth(const std::string& section, const std::string& fields = {}) {
    const std::string usual = R"("baseUrl":{},"clientId":{},"clientSecret":{"secret":true},
                                 "privateKey":{"secret":true})";
    json::value document = sample();
    document.set("connections",
                 json::parse(R"({"o":{"title":"O","kind":"oauth2","test":"create","fields":{
                     "properties":{)" +
                             (fields.empty() ? usual : fields) + R"(}},"oauth2":)" + section + "}}")
                     .value());
    return document;
}

}  // namespace

TEST(descriptor, gives_what_the_host_needs_for_oauth) {
    const auto parsed = parse_descriptor(json::to_text(
        with_oauth(R"({"grant":"authorizationCode","authorizeUrl":"https://a.test/authorize",
                       "tokenUrl":"{baseUrl}/token","scopes":["a","b"],
                       "clientAuthentication":"post","authorizeParameters":{"audience":"x"},
                       "fromToken":{"baseUrl":"instance_url"}})")));
    ASSERT_TRUE(parsed) << parsed.error_value().to_text();
    const connection_description& type = parsed->connections.at("o");
    EXPECT_EQ(type.test, "create");
    ASSERT_TRUE(type.oauth2);
    EXPECT_EQ(to_string(type.oauth2->grant), "authorizationCode");
    EXPECT_EQ(type.oauth2->proof, oauth2_description::client_proof::post);
    EXPECT_EQ(type.oauth2->authorize_url, "https://a.test/authorize");
    EXPECT_EQ(type.oauth2->token_url, "{baseUrl}/token");
    EXPECT_THAT(fields_of_address(type.oauth2->token_url), ElementsAre("baseUrl"));
    EXPECT_THAT(type.oauth2->scopes, ElementsAre("a", "b"));
    EXPECT_EQ(type.oauth2->authorize_parameters.at(0).first, "audience");
    EXPECT_THAT(type.oauth2->from_token, ElementsAre(std::pair("baseUrl", "instance_url")));
}

TEST(descriptor, says_what_is_wrong_with_oauth) {
    const std::pair<const char*, const char*> cases[] = {
        {R"({"grant":"password"})", "oauth2.grant"},
        {R"({"grant":"clientCredentials"})", "oauth2.tokenUrl"},
        {R"({"grant":"clientCredentials","tokenUrl":"http://a.test/t"})", "oauth2.tokenUrl"},
        {R"({"grant":"clientCredentials","tokenUrl":"{host}/t"})", "{host}"},
        {R"({"grant":"clientCredentials","tokenUrl":"{clientSecret}/t"})", "{clientSecret}"},
        {R"({"grant":"clientCredentials","tokenUrl":"{baseUrl/t"})", "brace"},
        {R"({"grant":"authorizationCode","tokenUrl":"{baseUrl}/t"})", "oauth2.authorizeUrl"},
        {R"({"grant":"clientCredentials","tokenUrl":"{baseUrl}","authorizeUrl":"{baseUrl}"})",
         "oauth2.authorizeUrl"},
        {R"({"grant":"clientCredentials","tokenUrl":"{baseUrl}","clientAuthentication":"none"})",
         "oauth2.clientAuthentication"},
        {R"({"grant":"clientCredentials","tokenUrl":"{baseUrl}","scope":"a"})", "oauth2.scope"},
        {R"({"grant":"authorizationCode","tokenUrl":"{baseUrl}","authorizeUrl":"{baseUrl}",
             "authorizeParameters":{"state":"x"}})",
         "oauth2.authorizeParameters.state"},
        {R"({"grant":"clientCredentials","tokenUrl":"{baseUrl}","fromToken":{"host":"h"}})",
         "oauth2.fromToken.host"},
        {R"({"grant":"clientCredentials","tokenUrl":"{baseUrl}","fromToken":{"baseUrl":7}})",
         "oauth2.fromToken.baseUrl"},
        {R"({"grant":"clientCredentials","tokenUrl":"{baseUrl}",
             "fromToken":{"clientSecret":"s"}})",
         "oauth2.fromToken.clientSecret"},
    };
    for (const auto& [section, expected] : cases)
        EXPECT_THAT(refusal_of(with_oauth(section)), HasSubstr(expected)) << section;
    const char* const section = R"({"grant":"clientCredentials","tokenUrl":"https://a.test/t"})";
    EXPECT_EQ(refusal_of(with_oauth(section)), "accepted");
    EXPECT_THAT(refusal_of(with_oauth(section, R"("clientSecret":{"secret":true})")),
                HasSubstr("`clientId`"));
    EXPECT_THAT(refusal_of(with_oauth(section, R"("clientId":{},"clientSecret":{})")),
                HasSubstr("`clientSecret`"));
    EXPECT_THAT(refusal_of(with_oauth(
                    section, R"("accessToken":{},"clientId":{},"clientSecret":{"secret":true})")),
                HasSubstr("`accessToken`"));
    json::value document = with_oauth(section);
    json::value connections = document.get("connections");
    json::value type = connections.get("o");
    type.set("test", "verify");
    connections.set("o", type);
    document.set("connections", connections);
    EXPECT_THAT(refusal_of(document), HasSubstr("connections.o.test"));
    type.set("test", "create");
    type.set("kind", "bearer");
    connections.set("o", type);
    document.set("connections", connections);
    EXPECT_THAT(refusal_of(document), HasSubstr("connections.o.kind"));
}

}  // namespace sluice::plugin
