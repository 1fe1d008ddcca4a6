#include "api/api_testing.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <optional>
#include <utility>
#include <vector>

#include "base/encoding.hpp"
#include "base/seal.hpp"
#include "json/text.hpp"

namespace sluice::api {

const char* const integration = R"(manifest: "1"
dsl: 1.0.3
integration: { namespace: test, name: hooks, version: 1.2.0 }
connectors: { app: "*" }
config: { region: { type: string, default: north } }
connections:
  crm: { connector: app, type: oauth }
  plain: { connector: app, type: key }
flows:
  accept:
    trigger: { webhook: {} }
    queue: { key: "${ .body.lane }", dedupe: "${ .body.id }" }
    do: [ { save: { call: app.save, with: { n: "${ .body.n }" } } } ]
  rest:
    trigger: { webhook: {} }
    do: [ { pause: { wait: PT1H } } ]
alerts:
  broken: { on: failure, flows: [ accept ], url: "${ null }" }
)";

namespace {

constexpr const char* descriptor = R"({
  "sluice": 1, "id": "app", "version": "1.0.0", "title": "App", "abi": { "major": 1, "minor": 0 },
  "connections": {
    "key": { "title": "Key", "kind": "apiKey" },
    "oauth": { "title": "OAuth", "kind": "oauth2", "test": "me",
      "fields": { "type": "object", "properties": {
        "clientId": { "type": "string" }, "clientSecret": { "type": "string", "secret": true } } },
      "oauth2": { "grant": "authorizationCode", "authorizeUrl": "https://auth.test/authorize",
        "tokenUrl": "https://auth.test/token", "revokeUrl": "https://auth.test/revoke",
        "scopes": ["read"] } } },
  "actions": { "me": { "title": "Me", "connection": "required" } }
})";

constexpr const char* customer =
    "customer: acme\ntitle: Acme Inc.\nconnections:\n"
    "  crm: { connector: app, type: oauth, clientId: shared, clientSecret: { $env: S } }\n";
constexpr const char* organization =
    "organization: { title: Example }\nconnections:\n"
    "  crm: { connector: app, type: oauth, clientId: all, clientSecret: { $env: S } }\n";

instance::master_keys test_keys() {
    return std::move(
        instance::master_keys::parse(
            base::secret(base::to_base64(std::string(base::seal_key_size, 'k'))), "test")
            .value());
}

std::filesystem::path write(const std::filesystem::path& to, const std::string& text) {
    std::ofstream(to) << text;
    return to;
}

}  // namespace

std::string document_of(const std::string& instance, const std::string& customer) {
    return "manifest: \"1\"\ninstance: " + instance + "\ncustomer: " + customer +
           "\nintegration: test/hooks\nconnections:\n"
           "  crm: { type: oauth, clientId: me, clientSecret: { $env: S } }\n"
           "  plain: { type: key }\n";
}

api_world::api_world() {
    store::sqlite_options settings;
    settings.folder = folder.path() / "data";
    settings.clock = &clock;
    settings.disk.reserve_bytes = 0;
    store = std::move(store::open_sqlite_store(std::move(settings)).value());
    vault = std::move(instance::vault::open(*store, test_keys(), random).value());
    deployments = std::make_unique<instance::deployments>(
        *store, random, [](const std::string&) { return std::optional<std::string>("the-secret"); },
        instance::secret_fields{}, vault.get());
    std::vector<std::filesystem::path> files = {write(folder.path() / "hooks.yaml", integration)};
    const std::vector<std::pair<std::string, std::string>> tenants = {
        {"acme-1", "acme"}, {"acme-2", "acme"}, {"other-1", "other"}};
    for (const auto& [name, customer] : tenants) {
        files.push_back(write(folder.path() / (name + ".yaml"), document_of(name, customer)));
    }
    files.push_back(write(folder.path() / "acme.yaml", std::string(customer)));
    files.push_back(write(folder.path() / "organization.yaml", std::string(organization)));
    const instance::apply_report report = deployments->apply(files);
    for (const base::error& one : report.problems)
        ADD_FAILURE() << one.to_text();
    deployments->set_public_url("https://hooks.test");
    app = std::make_shared<const plugin::descriptor>(plugin::parse_descriptor(descriptor).value());
    connections = std::make_unique<instance::connections>(instance::connection_ports{
        loop, clock, random, ids, *store, *vault, *deployments, calls, http,
        [this](const std::string&, const auto*) { return app; }, run_blocking});
    host = std::make_unique<engine::engine>(
        engine::engine_ports{loop, clock, random, *store, *deployments, connections->calls(), ids,
                             nullptr, nullptr, run_blocking},
        engine::engine_options{});
    states = std::make_unique<instance::lifecycle>(instance::lifecycle_ports{
        loop, clock, ids, *store, run_blocking,
        [this](const store::new_event& event, json::value payload) {
            host->accept(event, event.id, std::move(payload));
        },
        [this](const std::string& name, store::config_change record, auto finished) {
            instance::forget_instance(*store, *vault, name, std::move(record), std::move(finished));
        },
        [this](const std::string& name, const instance::deployment_record& now) {
            if (now.state == instance::deployment_record::state_kind::removed) {
                deployments->forget(name);
            }
        }});
    host->observe_ends([this](store::event_id id, const engine::end_of_execution& end) {
        states->on_end(id, end);
    });
    EXPECT_TRUE(states->start(deployments->wanted({})));
    changes = std::make_unique<instance::changes>(
        instance::change_ports{loop, *store, *deployments, *states, run_blocking});
    keys = std::make_unique<instance::endpoint_keys>(
        instance::digest_ports{loop, random, *store, run_blocking}, clock, ids);
    api = std::make_unique<admin_api>(api_ports{loop, clock, ids, *store, *deployments, *changes,
                                                *states, *host, *connections, run_blocking, *keys},
                                      random);
    administrator = std::string(api->open().value()->reveal());
}

api_world::~api_world() {
    api.reset();
    changes.reset();
    states.reset();
    host.reset();
    connections.reset();
    deployments.reset();
    store->close();
    loop.clear();
}

void api_world::turn_until(const std::function<bool()>& condition) {
    EXPECT_TRUE(base::wait_until([&] {
        loop.run_ready();
        return condition();
    }));
}

store::event_id api_world::send(const std::string& instance, const std::string& flow,
                                const std::string& payload_json) {
    store::new_event event;
    event.id = ids.next();
    event.instance = instance;
    event.flow = flow;
    event.flow_version = deployments->current(instance, flow)->integration->hash;
    event.kind = "webhook";
    event.payload_json = payload_json;
    event.accepted_ms = clock.unix_ms();
    bool stored = false;
    store->append({event}, [&](const auto&) { loop.post([&] { stored = true; }); });
    turn_until([&] { return stored; });
    host->accept(event, event.id, json::parse(payload_json).value());
    return event.id;
}

store::event_id api_world::ended(const std::string& instance, const std::string& flow) {
    const store::event_id id = send(instance, flow);
    turn_until([&] { return store::is_terminal(execution(id).summary.state); });
    return id;
}

store::execution_detail api_world::execution(store::event_id id) {
    return store->execution(id).value();
}

api_world::answer api_world::ask(const std::string& method, const std::string& target,
                                 const std::string& token, const std::string& body) {
    net::http_request request;
    request.method = method;
    request.target = "/api/v1" + target;
    const std::size_t mark = request.target.find('?');
    request.path = request.target.substr(0, mark);
    if (mark != std::string::npos) request.query = request.target.substr(mark + 1);
    request.peer.ip = "127.0.0.1";
    request.body = body;
    if (!token.empty()) request.headers.set("Authorization", "Bearer " + token);
    std::optional<net::http_response> told = api->on_head(request);
    if (!told) {
        api->on_request(request, net::responder([&](net::http_response response) {
                            told = std::move(response);
                        }));
        turn_until([&] { return told.has_value(); });
    }
    answer out;
    if (!told) return out;
    out.status = told->status;
    if (!told->body.empty()) out.body = json::parse(told->body).value();
    out.response = std::move(*told);
    return out;
}

std::string api_world::token(scope_set scopes, const std::string& instance,
                             const std::string& customer) {
    json::value body = json::value::object({{"name", "test"}});
    json::value names = json::value::array();
    for (const std::string& name : scopes.names())
        names.push(name);
    body.set("scopes", std::move(names));
    if (!instance.empty()) body.set("instance", instance);
    if (!customer.empty()) body.set("customer", customer);
    const answer made = ask("POST", "/tokens", administrator, json::to_text(body));
    EXPECT_EQ(made.status, 201) << json::to_text(made.body);
    return made.body.string_or("token", "");
}

}  // namespace sluice::api
