#include "api/admin_api.hpp"

#include <future>
#include <utility>
#include <vector>

#include "api/alerts.hpp"
#include "api/changes.hpp"
#include "api/connections.hpp"
#include "api/customers.hpp"
#include "api/instances.hpp"
#include "api/key_routes.hpp"
#include "api/option_routes.hpp"
#include "api/page.hpp"
#include "api/redrives.hpp"
#include "api/replay.hpp"
#include "api/resume.hpp"
#include "api/token_routes.hpp"
#include "base/version.hpp"
#include "instance/owner_id.hpp"

namespace sluice::api {

admin_api::admin_api(api_ports ports, base::random_source& random)
    : ports_(std::move(ports)),
      tokens_({ports_.loop, ports_.clock, random, ports_.ids, ports_.store, ports_.run_blocking}),
      audit_({ports_.loop, ports_.ids, ports_.store}),
      executions_(ports_),
      redrives_(ports_),
      logs_(ports_),
      options_({ports_.clock, ports_.ids, ports_.store, ports_.connections.calls()}),
      router_(std::make_unique<router>(
          router_ports{ports_.loop, ports_.clock, ports_.store, ports_.deployments, tokens_, audit_,
                       ports_.run_blocking},
          all_routes())) {}

base::result<std::optional<base::secret>> admin_api::open(bool another) {
    if (base::result<void> read = tokens_.open(); !read) return read.error_value();
    const bool first = !tokens_.has_administrator();
    if (!first && !another) return std::optional<base::secret>();
    token_facts wanted;
    wanted.name = first ? "first administrator" : "made at a start";
    wanted.scopes = {scope::admin};
    base::result<created_token> made = tokens_.create_now(std::move(wanted));
    if (!made) return std::move(made).error_value();
    return std::optional<base::secret>(std::move(made->text));
}

std::vector<route> admin_api::all_routes() {
    const auto simple = [](auto handler) {
        return
            [handler](const call& what, const answer_function& answer) { answer(handler(what)); };
    };
    // A change of one instance that needs nothing to be said with it.
    const auto edited = [this](const std::string& name, instance::edit (*how)()) {
        return route{"POST", "/instances/{name}/" + name, scope::deploy, concerns::instance,
                     [this, how](const call& what, const answer_function& answer) {
                         change_instance(ports_, what, how(), answer);
                     }};
    };
    std::vector<route> out = {
        {"GET", "/health", scope::read, concerns::host,
         [this](const call&, const answer_function& answer) { health(answer); }},
        {"GET", "/doctor", scope::read, concerns::host,
         [this](const call&, const answer_function& answer) { doctor(answer); }},
        {"GET", "/connectors", scope::read, concerns::host, simple([this](const call&) {
             json::value all = ports_.connectors ? ports_.connectors() : json::value::array();
             return json_reply(200, json::value::object({{"items", std::move(all)}}));
         })},
        {"POST", "/connectors/{id}/release", scope::operate, concerns::host,
         simple([this](const call& what) {
             const std::string& id = what.path.at("id");
             if (!ports_.release_connector || !ports_.release_connector(id)) {
                 return problem(404, "there is no connector " + id);
             }
             return json_reply(200, json::value::object({{"id", id}}));
         })},
        {"GET", "/openapi.json", std::nullopt, concerns::host, simple([](const call&) {
             return reply{net::json_response(200, std::string(openapi_text())), {}};
         })},
        {"GET", "/executions", scope::read, concerns::tenants,
         [this](const call& what, const answer_function& answer) {
             executions_.list(what, answer);
         }},
        {"GET", "/executions/{id}", scope::read, concerns::execution,
         [this](const call& what, const answer_function& answer) {
             executions_.show(what, answer);
         }},
        {"POST", "/executions/{id}/cancel", scope::operate, concerns::execution,
         [this](const call& what, const answer_function& answer) {
             executions_.cancel(what, answer);
         }},
        {"POST", "/executions/{id}/replay", scope::operate, concerns::execution,
         [this](const call& what, const answer_function& answer) { replay(ports_, what, answer); }},
        {"POST", "/executions/{id}/resume", scope::operate, concerns::execution,
         [this](const call& what, const answer_function& answer) { resume(ports_, what, answer); }},
        {"GET", "/executions/{id}/logs", scope::read, concerns::execution,
         [this](const call& what, const answer_function& answer) {
             logs_.of_execution(what, answer);
         }},
        {"GET", "/logs", scope::read, concerns::tenants,
         [this](const call& what, const answer_function& answer) { logs_.list(what, answer); }},
        {"GET", "/alerts", scope::read, concerns::tenants,
         [this](const call& what, const answer_function& answer) {
             list_alerts(ports_, what, answer);
         }},
        {"GET", "/redrives", scope::read, concerns::tenants,
         [this](const call& what, const answer_function& answer) { redrives_.list(what, answer); }},
        {"POST", "/redrives", scope::operate, concerns::tenants,
         [this](const call& what, const answer_function& answer) {
             redrives_.start(what, answer);
         }},
        {"GET", "/redrives/{id}", scope::read, concerns::tenants,
         [this](const call& what, const answer_function& answer) { redrives_.show(what, answer); }},
        {"DELETE", "/redrives/{id}", scope::operate, concerns::tenants,
         [this](const call& what, const answer_function& answer) { redrives_.stop(what, answer); }},
        {"GET", "/instances", scope::read, concerns::tenants, simple([this](const call& what) {
             return list_instances(what, ports_.deployments, ports_.lifecycle);
         })},
        {"GET", "/instances/{name}", scope::read, concerns::instance,
         simple([this](const call& what) {
             return show_instance(what, ports_.deployments, ports_.lifecycle);
         })},
        {"GET", "/integrations", scope::read, concerns::tenants,
         simple([this](const call& what) { return list_integrations(what, ports_.deployments); })},
        {"POST", "/apply", scope::deploy, concerns::tenants,
         [this](const call& what, const answer_function& answer) {
             apply_documents(ports_, what, answer);
         }},
        edited("pause", instance::pause),
        edited("resume", instance::resume),
        edited("rollback", instance::roll_back),
        edited("remove", instance::remove),
        {"POST", "/instances/{name}/upgrade", scope::deploy, concerns::instance,
         [this](const call& what, const answer_function& answer) {
             upgrade_instance(ports_, what, answer);
         }},
        {"PATCH", "/instances/{name}/config", scope::deploy, concerns::instance,
         [this](const call& what, const answer_function& answer) {
             change_config(ports_, what, answer);
         }},
        {"POST", "/instances/{name}/options", scope::deploy, concerns::instance,
         [this](const call& what, const answer_function& answer) {
             list_options(ports_, what, options_, answer);
         }},
        {"GET", "/instances/{name}/keys", scope::secrets, concerns::instance,
         simple([this](const call& what) { return list_keys(what, ports_.keys); })},
        {"POST", "/instances/{name}/keys", scope::secrets, concerns::instance,
         [this](const call& what, const answer_function& answer) {
             create_key(what, ports_.keys, ports_.deployments, answer);
         }},
        {"DELETE", "/instances/{name}/keys/{id}", scope::secrets, concerns::instance,
         [this](const call& what, const answer_function& answer) {
             revoke_key(what, ports_.keys, answer);
         }},
        {"GET", "/tokens", scope::admin, concerns::host,
         simple([this](const call& what) { return list_tokens(what, tokens_); })},
        {"POST", "/tokens", scope::admin, concerns::host,
         [this](const call& what, const answer_function& answer) {
             create_token(what, tokens_, ports_.clock, ports_.deployments, answer);
         }},
        {"DELETE", "/tokens/{id}", scope::admin, concerns::host,
         [this](const call& what, const answer_function& answer) {
             revoke_token(what, tokens_, answer);
         }},
        {"GET", "/audit", scope::admin, concerns::host,
         [this](const call& what, const answer_function& answer) { audit_page(what, answer); }},
    };
    add_connection_routes(out, "/instances/{name}", concerns::instance,
                          [](const call& what) { return what.path.find("name")->second; });
    add_customer_routes(out);
    return out;
}

void admin_api::add_customer_routes(std::vector<route>& to) {
    to.push_back({"GET", "/customers", scope::read, concerns::tenants,
                  [this](const call& what, const answer_function& answer) {
                      answer(list_customers(what, ports_.deployments));
                  }});
    to.push_back({"GET", "/customers/{name}", scope::read, concerns::customer,
                  [this](const call& what, const answer_function& answer) {
                      answer(show_customer(what, ports_.deployments));
                  }});
    to.push_back({"DELETE", "/customers/{name}", scope::deploy, concerns::customer,
                  [this](const call& what, const answer_function& answer) {
                      remove_customer(ports_, tokens_, what, answer);
                  }});
    add_connection_routes(to, "/customers/{name}", concerns::customer, [](const call& what) {
        return instance::customer_owner(what.path.find("name")->second);
    });
    add_connection_routes(to, "/organization", concerns::organization,
                          [](const call&) { return std::string(instance::organization_owner); });
}

void admin_api::add_connection_routes(std::vector<route>& to, const std::string& below,
                                      concerns about, const owner_function& owner_of) {
    const std::string all = below + "/connections";
    const std::string one = all + "/{connection}";
    instance::connections& its = ports_.connections;
    to.push_back({"GET", all, scope::read, about,
                  [&its, owner_of](const call& what, const answer_function& answer) {
                      answer(list_connections(what, owner_of(what), its));
                  }});
    to.push_back({"POST", one + "/authorize", scope::deploy, about,
                  [&its, owner_of](const call& what, const answer_function& answer) {
                      answer(authorize_connection(what, owner_of(what), its));
                  }});
    to.push_back({"POST", one + "/test", scope::operate, about,
                  [&its, owner_of](const call& what, const answer_function& answer) {
                      test_connection(what, owner_of(what), its, answer);
                  }});
    to.push_back({"POST", one + "/disconnect", scope::deploy, about,
                  [&its, owner_of](const call& what, const answer_function& answer) {
                      disconnect_connection(what, owner_of(what), its, answer);
                  }});
}

void admin_api::health(const answer_function& answer) {
    ports_.run_blocking([this, answer] {
        auto found = std::make_shared<base::result<store::health_report>>(ports_.store.health());
        ports_.loop.post([this, found, answer] {
            if (!*found) return answer(problem_of(found->error_value()));
            const store::health_report& disk = found->value();
            const engine::engine_stats runs = ports_.engine.stats();
            answer(json_reply(
                200, json::value::object(
                         {{"status", disk.admitting ? "ok" : "disk nearly full"},
                          {"version", base::sluice_version},
                          {"store", json::value::object({{"admitting", disk.admitting},
                                                         {"queued", disk.queued},
                                                         {"lastCommitUs", disk.last_commit_us},
                                                         {"walBytes", disk.wal_bytes},
                                                         {"freeBytes", disk.free_bytes}})},
                          {"executions", json::value::object({{"queued", runs.queued},
                                                              {"running", runs.running},
                                                              {"alive", runs.alive},
                                                              {"stranded", runs.stranded}})}})));
        });
    });
}

void admin_api::doctor(const answer_function& answer) {
    std::vector<finding> all;
    if (ports_.live_findings) all = ports_.live_findings();
    ports_.run_blocking([this, answer, all = std::move(all)]() mutable {
        std::vector<finding> stored = findings_of(ports_.store, ports_.clock.unix_ms());
        all.insert(all.end(), stored.begin(), stored.end());
        auto told = std::make_shared<reply>(json_reply(200, findings_json(all)));
        ports_.loop.post([told, answer] { answer(std::move(*told)); });
    });
}

void admin_api::audit_page(const call& what, const answer_function& answer) {
    auto given = read_query(what.query, {"limit", "cursor"});
    if (!given) return answer(problem_of(given.error_value()));
    base::result<int> limit = read_limit(*given);
    if (!limit) return answer(problem_of(limit.error_value()));
    ports_.run_blocking([this, cursor = parameter(*given, "cursor"), limit = *limit, answer] {
        base::result<json::value> page = audit_.page(cursor, limit);
        auto told =
            std::make_shared<reply>(page ? json_reply(200, *page) : problem_of(page.error_value()));
        ports_.loop.post([told, answer] { answer(std::move(*told)); });
    });
}

}  // namespace sluice::api
