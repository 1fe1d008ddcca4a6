// A store, deployments and an engine for tests of the admin API: two integrations' worth of tenants
// on a loop that the test turns.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "api/admin_api.hpp"
#include "base/base_testing.hpp"
#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/manual_loop.hpp"
#include "base/random.hpp"
#include "engine/engine_testing.hpp"
#include "instance/changes.hpp"
#include "instance/connections.hpp"
#include "instance/deployments.hpp"
#include "instance/lifecycle.hpp"
#include "instance/vault.hpp"
#include "store/sqlite_store.hpp"

namespace sluice::api {

// The integration of all tenants, and the document of an instance of it.
extern const char* const integration;
std::string document_of(const std::string& instance, const std::string& customer);

// Instances "acme-1" and "acme-2" of customer "acme", "other-1" of "other", with the flows "accept"
// (webhook; fails when the connector does) and "rest" (waits an hour), and the connections "crm"
// (a person authorizes it) and "plain" (fields alone). The alert "broken" watches "accept" and
// tells nobody. "acme" and the organization have a file, each with a connection "crm" that nobody
// shares yet.
class api_world {
  public:
    api_world();
    ~api_world();

    // Runs the loop until `condition` holds; a test that waits in vain fails.
    void turn_until(const std::function<bool()>& condition);
    // An execution of the flow, as its webhook would bring it; not run yet.
    store::event_id send(const std::string& instance, const std::string& flow,
                         const std::string& payload_json = R"({"body":{"n":1}})");
    // Sends, and waits for the end.
    store::event_id ended(const std::string& instance, const std::string& flow = "accept");
    store::execution_detail execution(store::event_id id);

    struct answer {
        int status = 0;
        json::value body;
        net::http_response response;
    };
    // One request through the API, as the server would give it.
    answer ask(const std::string& method, const std::string& target, const std::string& token = {},
               const std::string& body = {});
    // The text of a new token.
    std::string token(scope_set scopes, const std::string& instance = {},
                      const std::string& customer = {});

    base::temporary_folder folder;
    base::manual_clock clock;
    base::manual_loop loop{clock};
    base::seeded_random random{5};
    base::id_generator ids{clock, random};
    // No other thread: what blocks runs on the loop.
    std::function<void(std::function<void()>)> run_blocking = [this](std::function<void()> work) {
        loop.post(std::move(work));
    };
    engine::scripted_calls calls{loop, clock};
    std::unique_ptr<store::store> store;
    std::unique_ptr<instance::vault> vault;
    engine::scripted_http http{loop};
    std::unique_ptr<instance::deployments> deployments;
    std::shared_ptr<const plugin::descriptor> app;  // the connector
    std::unique_ptr<instance::connections> connections;
    std::unique_ptr<engine::engine> host;
    std::unique_ptr<instance::lifecycle> states;
    std::unique_ptr<instance::changes> changes;
    std::unique_ptr<instance::endpoint_keys> keys;
    std::unique_ptr<admin_api> api;
    std::string administrator;  // the token of the first start
};

}  // namespace sluice::api
