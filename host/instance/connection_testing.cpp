#include "instance/connection_testing.hpp"

#include <gtest/gtest.h>

#include "base/encoding.hpp"
#include "base/seal.hpp"
#include "json/text.hpp"
#include "store/store_testing.hpp"

namespace sluice::instance {

connection_world::connection_world() { start(); }

connection_world::~connection_world() {
    tokens.reset();
    store.reset();
    loop.clear();
}

void connection_world::start() {
    store::sqlite_options options = store::testing::small_options(folder.path() / "data", clock);
    options.run_on = &loop;
    store = std::move(store::open_sqlite_store(std::move(options)).value());
    auto masters = master_keys::parse(
        base::secret(base::to_base64(std::string(base::seal_key_size, 'k'))), "test");
    keys = std::move(vault::open(*store, std::move(*masters), random).value());
    bool made = false;
    keys->prepare({"acme", "customer:acme"},
                  [&](const base::result<void>& outcome) { made = outcome.has_value(); });
    turn();
    EXPECT_TRUE(made);
    kept = std::make_unique<connection_store>(
        loop, *store, *keys, [this](std::function<void()> work) { loop.post(std::move(work)); });
    tokens = std::make_unique<connection_tokens>(token_ports{loop, clock, random, http, *kept});
    EXPECT_TRUE(tokens->open());
}

void connection_world::restart() {
    tokens.reset();
    kept.reset();
    keys.reset();
    store.reset();
    loop.clear();
    start();
}

void connection_world::turn() {
    while (loop.run_ready() > 0) {
    }
}

plugin::connection_description connection_world::type(const std::string& oauth2_json) {
    const std::string text = R"({"sluice":1,"id":"app","version":"1.0.0","title":"App",
        "abi":{"major":1,"minor":0},"actions":{"me":{"title":"Me","connection":"required"}},
        "connections":{"oauth":{"title":"OAuth","kind":"oauth2","test":"me","fields":{"properties":{
            "baseUrl":{"type":"string","default":"http://auth.test/"},
            "clientId":{"type":"string"},
            "clientSecret":{"type":"string","secret":true},
            "privateKey":{"type":"string","secret":true},
            "scopes":{"type":"array"},"subject":{"type":"string"}}},
            "oauth2":)" + oauth2_json +
                             "}}}";
    auto parsed = plugin::parse_descriptor(text);
    EXPECT_TRUE(parsed) << parsed.error_value().to_text();
    return parsed ? parsed->connections.at("oauth") : plugin::connection_description();
}

connection_world::settings_ptr connection_world::settings(const std::string& grant,
                                                          const std::string& client,
                                                          const connection_id& id) {
    std::string section = R"({"tokenUrl":"{baseUrl}/token","revokeUrl":"{baseUrl}/revoke",
        "scopes":["read"],"grant":")" +
                          grant + '"';
    if (grant == "authorizationCode") section += R"(,"authorizeUrl":"{baseUrl}/authorize")";
    const json::value fields = json::value::object(
        {{"type", "oauth"}, {"clientId", client}, {"clientSecret", "client-secret-text"}});
    auto made = oauth_settings::read(id, type(section + "}"), fields);
    EXPECT_TRUE(made) << made.error_value().to_text();
    return made ? *made : nullptr;
}

net::client_response connection_world::token(const std::string& access, const std::string& more) {
    return {200,
            {},
            R"({"access_token":")" + access + R"(","token_type":"bearer","expires_in":1000)" +
                more + "}",
            ""};
}

net::client_response connection_world::refusal(const std::string& error, int status) {
    return {status, {}, R"({"error":")" + error + "\"}", ""};
}

std::string connection_world::fetch(const settings_ptr& of) {
    if (const auto known = tokens->known(of)) return "known " + *known;
    std::string told = "nothing";
    tokens->fetch(of, [&](const base::result<std::string>& token) {
        told = token ? "token " + *token
                     : std::string(base::to_string(token.error_value().code)) + ": " +
                           token.error_value().message;
    });
    turn();
    return told;
}

base::result<void> connection_world::authorize(const settings_ptr& of) {
    std::optional<base::result<void>> told;
    tokens->exchange(of, "the-code", "the-verifier", "https://me.test/oauth/callback",
                     [&](const base::result<void>& outcome) { told = outcome; });
    turn();
    return told.value();
}

std::string connection_world::state(const settings_ptr& of) const {
    return to_string(tokens->status(*of).state);
}

std::string connection_world::record() {
    const auto found = store->config(connection_kind).value();
    return found.empty() ? "" : found.front().value_json;
}

}  // namespace sluice::instance
