// How calls may prove who they are, and what is refused when a flow is loaded.
#include <gtest/gtest.h>

#include "json/text.hpp"
#include "manifest/manifest_testing.hpp"

namespace sluice::manifest {
namespace {

using kind = authentication::kind;

std::string call_with(const std::string& proof) {
    return integration_with(
        "      - a: { call: http, with: { method: get, endpoint: { uri: "
        "\"https://x.test\", authentication: " +
        proof + " } } }\n");
}

authentication proof_of(const std::string& text) {
    const integration made = loaded(call_with(text));
    return std::get<http_task>(made.flows[0].tasks[0].body).proof;
}

// The problems without their places.
std::string refused(const std::string& proof) {
    const std::string all = problems_of(call_with(proof));
    std::string out;
    for (std::size_t at = 0; at < all.size();) {
        const std::size_t end = std::min(all.find('\n', at), all.size());
        const std::string line = all.substr(at, end - at);
        out += (out.empty() ? "" : "\n") + line.substr(std::min(line.find(": ") + 2, line.size()));
        at = end + 1;
    }
    return out;
}

TEST(authentications, are_of_five_kinds) {
    EXPECT_EQ(proof_of("{ basic: { username: u, password: p } }").type, kind::basic);
    EXPECT_EQ(proof_of("{ bearer: { token: \"${ .t }\" } }").type, kind::bearer);
    const authentication digest =
        proof_of("{ digest: { username: u, password: { $ref: config.token } } }");
    EXPECT_EQ(digest.type, kind::digest);
    EXPECT_EQ(digest.content.references().at(0).config, "token");
    const authentication oauth2 = proof_of(R"({ oauth2: {
        authority: "https://auth.test/{realm}", endpoints: { token: /t, revocation: /r, introspection: /i },
        grant: "urn:ietf:params:oauth:grant-type:token-exchange",
        client: { id: i, secret: { $ref: config.token }, authentication: client_secret_jwt },
        request: { encoding: application/json }, issuers: [a], scopes: [b], audiences: "${ .all }",
        subject: { token: { $ref: config.token }, type: t }, actor: { token: x, type: t } } })");
    EXPECT_EQ(oauth2.type, kind::oauth2);
    EXPECT_TRUE(oauth2.fills_authority);
    EXPECT_EQ(oauth2.content.references().size(), 2u);
    const authentication oidc = proof_of(
        "{ oidc: { authority: \"https://auth.test\", grant: client_credentials, client: { id: i } "
        "} "
        "}");
    EXPECT_EQ(oidc.type, kind::oidc);
    EXPECT_FALSE(oidc.fills_authority);
}

TEST(authentications, may_be_a_secret_of_the_instance) {
    for (const std::string name : {"basic", "bearer", "digest", "oauth2", "oidc"}) {
        const authentication made = proof_of("{ " + name + ": { use: token } }");
        EXPECT_EQ(made.secret, "token") << name;
        EXPECT_EQ(made.content.references().at(0).config, "token");
    }
    EXPECT_EQ(refused("{ basic: { use: tokens } }"),
              "there is no secret \"tokens\" (did you mean \"token\"?)");
    EXPECT_EQ(refused("{ basic: { use: region } }"),
              "there is no secret \"region\" (known: token)");
    EXPECT_EQ(refused("{ basic: { use: token, password: p } }"),
              "an authentication with a secret has no \"password\" (known: use)");
}

TEST(authentications, of_a_manifest_list_secrets_that_it_declares) {
    std::string text = call_with("{ basic: { use: token } }");
    text.insert(text.find("flows:"), "  secrets: [token]\n");
    EXPECT_EQ(problems_of(text), "");
    text.replace(text.find("[token]"), 7, "[other]");
    EXPECT_NE(problems_of(text).find("config has no secret \"other\" (declare it: config: { other: "
                                     "{ type: secret } })"),
              std::string::npos);
}

TEST(authentications, are_refused_with_the_reason) {
    EXPECT_EQ(refused("{}"),
              "authentication has one kind: basic, bearer, digest, oauth2 or oidc (for example "
              "bearer: { token: { $ref: config.token } })");
    EXPECT_EQ(refused("{ digest: { username: u, pass: p } }"),
              "digest needs a `password`\ndigest has no \"pass\" (known: username, password)");
    EXPECT_EQ(refused("{ oauth2: { authority: auth.test, grant: client_credentials, client: { id: "
                      "i } } }"),
              "\"auth.test\" is not an address (begin with https:// or http://)");
    const std::string at = "authority: \"https://auth.test\", ";
    EXPECT_EQ(refused("{ oauth2: { " + at + "grant: authorization_code, client: { id: i } } }"),
              "the grant authorization_code needs a person at a browser, and nobody is there when "
              "a flow runs (use client_credentials, or refresh_token with a token that a person "
              "has allowed)");
    EXPECT_EQ(refused("{ oauth2: { " + at + "grant: implicit, client: { id: i } } }").substr(0, 25),
              "\"implicit\" is not a grant");
    EXPECT_EQ(refused("{ oauth2: { " + at + "client: { id: i } } }"), "oauth2 needs a `grant`");
    EXPECT_EQ(refused("{ oauth2: { " + at + "grant: client_credentials } }"),
              "the client needs an `id` (write client: { id: ..., secret: ... })");
    EXPECT_EQ(refused("{ oauth2: { " + at + "grant: password, client: { id: i }, username: u } }"),
              "the grant password needs a `password`");
    EXPECT_EQ(refused("{ oauth2: { " + at + "grant: refresh_token, client: { id: i } } }"),
              "the grant refresh_token needs a `subject` (its `token` is the refresh token)");
    EXPECT_EQ(refused("{ oauth2: { " + at +
                      "grant: client_credentials, client: { id: i, "
                      "authentication: private_key_jwt } } }"),
              "private_key_jwt needs an `assertion`");
    EXPECT_EQ(refused("{ oidc: { " + at +
                      "endpoints: { token: /t }, grant: client_credentials, "
                      "client: { id: i } } }"),
              "oidc has no \"endpoints\" (known: authority, grant, client, request, issuers, "
              "scopes, audiences, username, ...)");
    EXPECT_EQ(refused("{ oidc: { " + at +
                      "grant: client_credentials, client: { id: i }, scopes: "
                      "5, subject: { token: t } } }"),
              "scopes must be a list, not a number (begin each item with \"- \")\nsubject needs a "
              "`type`");
}

}  // namespace
}  // namespace sluice::manifest
