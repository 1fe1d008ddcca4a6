#include "cli/host_process.hpp"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "base/log.hpp"
#include "base/log_observer.hpp"
#include "cli/connector_facts.hpp"
#include "cli/connector_isolation.hpp"
#include "cli/environment.hpp"
#include "cli/exit_code.hpp"
#include "cli/isolation_settings.hpp"
#include "cli/missing_connectors.hpp"
#include "cli/secret_fields.hpp"
#include "cli/serve_settings.hpp"
#include "instance/open_vault.hpp"
#include "plugin/crash_note.hpp"
#include "plugin/running_record.hpp"
#include "store/sqlite_store.hpp"

namespace sluice::cli {
namespace {

constexpr std::int64_t day_ms = 24 * 3'600'000;
constexpr std::size_t any_number = 1u << 30;
constexpr std::size_t admin_body_bytes = 16u << 20;  // the documents of very many instances
constexpr std::int64_t rewrap_again_ms = 60'000;     // an instance may have gone meanwhile
constexpr std::int64_t settle_ms = 2'000;            // for tokens whose refresh is under way

void print_problem(const char* what, const base::error& problem) {
    std::fprintf(stderr, "%s: %s\n", what, problem.to_text().c_str());
}

std::string url_of(const listen_address& address, std::uint16_t port, bool tls) {
    const bool v6 = address.host.find(':') != std::string::npos;
    const std::string host = address.host == "*" ? "localhost"
                             : v6                ? "[" + address.host + "]"
                                                 : address.host;
    return (tls ? "https://" : "http://") + host + ":" + std::to_string(port);
}

}  // namespace

host_process::host_process(serve_options options) : options_(std::move(options)) {}

host_process::~host_process() {
    base::observe_log({});
    // What is on its way to the disk calls back into parts that are about to go.
    if (store_) store_->close();
}

base::result<void> host_process::open_store() {
    store::sqlite_options settings;
    settings.folder = options_.data;
    settings.clock = &clock_;
    settings.disk = disk_limits_of(options_.disk_reserve_mb);
    settings.died_inside = [folder = options_.data] {
        auto died = plugin::open_running_record(folder / "running");
        if (died) return std::move(*died);
        base::log(base::log_level::warning,
                  "executions that kill the process will not be found out",
                  {{"why", died.error_value().to_text()}});
        return std::vector<store::death>();
    };
    settings.on_fatal = [this](const base::error& why) {
        base::log(base::log_level::error, "the disk failed; the host ends, start it again",
                  {{"why", why.to_text()}});
        loop_.post([this] { stop(exit_environment); });
    };
    settings.on_commit = [this](std::int64_t microseconds, std::size_t requests) {
        metrics_.committed(microseconds, requests);
    };
    auto opened = store::open_sqlite_store(std::move(settings));
    if (!opened) return std::move(opened).error_value();
    store_ = std::move(*opened);
    base::result<store::event_id> last = store_->last_id();
    if (!last) return std::move(last).error_value();
    ids_.start_after(*last);
    keys_ = std::make_unique<instance::endpoint_keys>(
        instance::digest_ports{
            loop_, random_, *store_,
            [this](std::function<void()> work) { pool_->submit(std::move(work)); }},
        clock_, ids_);
    return keys_->open();
}

base::result<void> host_process::open_connectors() {
    connector_host_options settings{options_.plugins, options_.data / "connectors",
                                    options_.allow_egress, options_.ca_file,
                                    options_.connections_per_host};
    settings.blob_folder = options_.data / "blobs";
    settings.blob_bytes_per_execution = static_cast<std::uint64_t>(options_.blob_quota_mb) << 20;
    settings.disk_shortage = [folder = options_.data,
                              limits = disk_limits_of(options_.disk_reserve_mb)] {
        return store::disk_shortage(folder, limits);
    };
    auto policy = isolation_policy_of(options_.isolation);
    if (!policy) return std::move(policy).error_value();
    settings.isolation = std::move(*policy);
    settings.runner = plugin::process_runner(runner_program(options_.isolation));
    settings.runner_folder = options_.data / "runners";
    auto opened = connector_host::open(settings, loop_, clock_, store_.get());
    if (!opened) return std::move(opened).error_value();
    connectors_ = std::move(*opened);
    for (const auto look : {unmatched_rules, misplaced_connectors}) {
        for (const api::finding& one : look(connectors_->connectors()))
            base::log(base::log_level::warning, one.what, {{"next", one.advice}});
    }
    count_calls(*connectors_, clock_, metrics_);
    return {};
}

base::result<void> host_process::open_vault() {
    auto opened = instance::open_vault(*store_, options_.master_key, environment_variable, random_);
    if (!opened) return std::move(opened).error_value();
    vault_ = std::move(*opened);
    auto found = instance::read_deployments(*store_);
    if (!found) return std::move(found).error_value();
    found_ = std::move(*found);
    return {};
}

void host_process::rewrap_keys() {
    base::log(base::log_level::info, "keys are wrapped with the newest master key",
              {{"left", std::to_string(vault_->wrapped().old)}});
    vault_->rewrap([this](const base::result<void>& done) {
        const std::string left = std::to_string(vault_->wrapped().old);
        if (done) {
            base::log(base::log_level::info, "all keys are wrapped with the newest master key");
        } else {
            base::log(base::log_level::error, "keys are still wrapped with an older master key",
                      {{"left", left}, {"why", done.error_value().to_text()}});
            loop_.post([this] {
                loop_.run_after(rewrap_again_ms,
                                [this] { pool_->submit([this] { rewrap_keys(); }); });
            });
        }
    });
}

int host_process::deploy() {
    deployments_ = std::make_unique<instance::deployments>(
        *store_, random_, environment_variable, secret_fields_of(connectors_->connectors().all()),
        vault_.get());
    const std::set<std::string> remove(options_.remove.begin(), options_.remove.end());
    const instance::apply_report report = deployments_->apply(options_.apply, remove);
    for (const base::error& warning : report.warnings)
        print_problem("warning", warning);
    for (const base::error& problem : report.problems)
        print_problem("error", problem);
    if (!report.ok()) return exit_refused;
    if (const std::optional<base::error> missing = not_to_be_removed(remove)) {
        print_problem("error", *missing);
        return exit_refused;
    }
    for (const base::error& missing : without_connector(deployments_->flows()))
        print_problem("warning", missing);
    return exit_ok;
}

std::vector<base::error> host_process::without_connector(
    const std::vector<instance::flow_ptr>& flows) const {
    return missing_connectors(flows, [this](const std::string& connector, const auto* wanted) {
        return connectors_->why_missing(connector, wanted);
    });
}

base::result<void> host_process::open_connections() {
    connections_ = std::make_unique<instance::connections>(instance::connection_ports{
        loop_, clock_, random_, ids_, *store_, *vault_, *deployments_, connectors_->calls(),
        connectors_->http(),
        [this](const std::string& connector, const auto* wanted) {
            return connectors_->describe(connector, wanted);
        },
        [this](std::function<void()> work) { pool_->submit(std::move(work)); }});
    if (base::result<void> done = connections_->open(); !done) return done;
    callback_ = std::make_unique<trigger::oauth_callback>(
        [this](instance::authorizations::answer what, const auto& finished) {
            connections_->finish(std::move(what), finished);
        });
    for (const base::error& one : connections_->problems())
        print_problem("warning", one);
    connections_->start();
    return {};
}

std::optional<base::error> host_process::not_to_be_removed(
    const std::set<std::string>& asked) const {
    std::set<std::string> left = asked;
    for (const instance::wanted_deployment& one : deployments_->wanted({}))
        left.erase(one.instance);
    for (const auto& [name, record] : found_) {
        if (record.state == instance::deployment_record::state_kind::removed) left.erase(name);
    }
    if (left.empty()) return std::nullopt;
    return base::make_error(base::error_code::not_found,
                            "there is no instance \"" + *left.begin() + "\" to remove here",
                            "`sluice instance list` names them; one that cannot run cannot run its "
                            "undeploy flows either, see the warnings");
}

base::result<void> host_process::start_alerts() {
    std::set<std::string> others;
    for (const auto& [name, record] : found_) {
        if (record.state != instance::deployment_record::state_kind::removed) others.insert(name);
    }
    return alerts_->start(others);
}

void host_process::open_lifecycle() {
    lifecycle_ = std::make_unique<instance::lifecycle>(instance::lifecycle_ports{
        loop_, clock_, ids_, *store_,
        [this](std::function<void()> work) { pool_->submit(std::move(work)); },
        [this](const store::new_event& event, json::value payload) {
            engine_->accept(event, event.id, std::move(payload));
        },
        [this](const std::string& name, store::config_change record, auto finished) {
            instance::forget_instance(*store_, *vault_, name, std::move(record),
                                      std::move(finished));
        },
        [this](const std::string& name, const instance::deployment_record& now) {
            if (now.state == instance::deployment_record::state_kind::removed) {
                deployments_->forget(name);
                connections_->forget(name);
                keys_->forget(name);
                alerts_->forget(name);
            }
            told_.add("instance " + name + ' ' + instance::to_string(now.state));
        }});
}

void host_process::open_changes() {
    changes_ = std::make_unique<instance::changes>(instance::change_ports{
        loop_, *store_, *deployments_, *lifecycle_,
        [this](std::function<void()> work) { pool_->submit(std::move(work)); },
        [this] { return secret_fields_of(connectors_->connectors().all()); },
        [this](const std::vector<std::string>& changed, std::function<void()> done) {
            follow(changed, std::move(done));
        },
        [this](const std::vector<instance::flow_ptr>& flows) { return without_connector(flows); },
        options_.public_url,
        [this](const std::string& owner, const std::set<std::string>& names) {
            connections_->keep_only(owner, names);
        },
        [this](const instance::connection_id& id) { connections_->drop_tokens(id); },
        [this] {
            return std::make_shared<const manifest::connector_catalog>(
                connector_facts(connectors_->connectors().all()));
        }});
}

void host_process::follow(const std::vector<std::string>& changed, std::function<void()> done) {
    struct found {
        std::vector<std::string> changed;
        std::vector<instance::flow_ptr> flows;
        base::result<trigger::schedule_positions> schedules = trigger::schedule_positions();
        base::result<trigger::poll_positions> pollers = trigger::poll_positions();
        std::function<void()> done;
    };
    auto one = std::make_shared<found>();
    one->changed = changed;
    one->flows = deployments_->flows(changed);
    alerts_->replace(changed, one->flows);
    one->done = std::move(done);
    pool_->submit([this, one, &store = *store_, &loop = loop_] {
        one->schedules = trigger::schedules::read(store, one->flows);
        one->pollers = trigger::pollers::read(store, one->flows);
        loop.post([this, one] {
            if (!one->schedules || !one->pollers) {
                base::log(base::log_level::error, "schedules and polls follow at the next start",
                          {{"why", "the store cannot be read"}});
            } else {
                schedules_->replace(one->changed, one->flows, *one->schedules);
                pollers_->replace(one->changed, one->flows, *one->pollers);
            }
            one->done();
        });
    });
}

std::map<std::string, std::string> host_process::instances() const {
    std::map<std::string, std::string> out;
    for (const std::string& name : options_.remove)
        out.emplace(name, "removed");
    for (const auto& [name, record] : lifecycle_->records())
        out[name] = instance::to_string(record.state);
    return out;
}

base::result<void> host_process::listen() {
    base::result<listen_address> address = parse_listen(options_.listen);
    if (!address) return std::move(address).error_value();
    net::http_server_options settings;
    settings.host = address->host;
    settings.port = address->port;
    settings.tls_certificate_file = options_.tls_certificate;
    settings.tls_key_file = options_.tls_key;
    settings.limits.connections_per_source = options_.connections_per_source;
    settings.on_head = [this](const net::http_request_head& head) {
        if (trigger::oauth_callback::is_here(head.path)) return callback_->on_head(head);
        if (trigger::runs_address::is_here(head.path)) return runs_->on_head(head);
        std::optional<net::http_response> refused = webhook_->on_head(head);
        if (refused) metrics_.hook_answered(refused->status);
        return refused;
    };
    settings.on_body = [this](const net::http_request_head& head) {
        return webhook_->destination(head);
    };
    server_ = std::make_unique<net::http_server>(
        loop_, std::move(settings), [this](net::http_request request, net::responder answer) {
            if (trigger::oauth_callback::is_here(request.path)) {
                return callback_->on_request(request, std::move(answer));
            }
            if (trigger::runs_address::is_here(request.path)) {
                return runs_->on_request(request, std::move(answer));
            }
            webhook_->on_request(std::move(request), counted(std::move(answer)));
        });
    base::result<std::uint16_t> port = server_->start();
    if (!port) return std::move(port).error_value();
    url_ = url_of(*address, *port, !options_.tls_certificate.empty());
    deployments_->set_public_url(options_.public_url.empty() ? url_ : options_.public_url);
    return {};
}

net::responder host_process::counted(net::responder answer) {
    return net::responder([this, answer = std::move(answer)](net::http_response told) {
        metrics_.hook_answered(told.status);
        answer(std::move(told));
    });
}

base::result<void> host_process::open_admin() {
    operations_ = std::make_unique<host_operations>(operation_ports{
        clock_, *store_, *connectors_, *deployments_, *connections_, *vault_, *engine_, *schedules_,
        *pollers_, *webhook_, metrics_, [this] { return drain_ != nullptr; }});
    const auto blocking = [this](std::function<void()> work) {
        admin_pool_->submit(std::move(work));
    };
    admin_pool_ = std::make_unique<base::blocking_pool>("admin-read", 2, any_number);
    admin_ = std::make_unique<api::admin_api>(
        api::api_ports{
            loop_, clock_, ids_, *store_, *deployments_, *changes_, *lifecycle_, *engine_,
            *connections_, blocking, *keys_, [this] { return operations_->findings(); },
            [this] { return operations_->connectors(); },
            [this](const std::string& id) { return operations_->release_connector(id); }},
        random_);
    base::observe_log([this](const base::log_entry& entry) { admin_->logs().note(entry); });
    probes_ = std::make_unique<api::probes>(
        api::probe_ports{loop_, admin_->tokens(), blocking, [this] { return operations_->ready(); },
                         [this] { return operations_->numbers(); }, options_.metrics_open});
    auto token = admin_->open(options_.new_admin_token);
    if (!token) return std::move(token).error_value();
    if (*token) admin_token_ = std::move(**token);
    return {};
}

base::result<void> host_process::listen_admin() {
    base::result<listen_address> address = parse_listen(options_.admin_listen);
    if (!address) return std::move(address).error_value();
    net::http_server_options settings;
    settings.host = address->host;
    settings.port = address->port;
    settings.limits.body_bytes = admin_body_bytes;
    // The certificate is for the host's public name, not for 127.0.0.1.
    const bool tls = !is_loopback(*address);
    if (tls) {
        settings.tls_certificate_file = options_.tls_certificate;
        settings.tls_key_file = options_.tls_key;
    }
    settings.on_head =
        [this](const net::http_request_head& head) -> std::optional<net::http_response> {
        if (api::probes::is_here(head.path)) return std::nullopt;
        return admin_->on_head(head);
    };
    admin_server_ = std::make_unique<net::http_server>(
        loop_, std::move(settings),
        [this](const net::http_request& request, net::responder answer) {
            if (api::probes::is_here(request.path)) {
                return probes_->on_request(request, std::move(answer));
            }
            admin_->on_request(request, std::move(answer));
        });
    base::result<std::uint16_t> port = admin_server_->start();
    if (!port) return std::move(port).error_value();
    admin_url_ = url_of(*address, *port, tls);
    return {};
}

int host_process::start() {
    plugin::install_crash_note();
    // A reader of the log that goes away must not take the host with it; sockets say EPIPE.
    std::signal(SIGPIPE, SIG_IGN);
    pool_ = std::make_unique<base::blocking_pool>("store-read", 4, any_number);
    const auto fail = [](const base::error& why) {
        print_problem("error", why);
        return exit_environment;
    };
    if (base::result<void> done = open_store(); !done) return fail(done.error_value());
    if (base::result<void> done = open_vault(); !done) return fail(done.error_value());
    if (base::result<void> done = open_connectors(); !done) return fail(done.error_value());
    if (const int code = deploy(); code != exit_ok) return code;
    if (base::result<void> done = open_connections(); !done) return fail(done.error_value());

    engine::engine_options limits;
    limits.limit.running = options_.running;
    limits.limit.running_per_instance = options_.running_per_instance;
    limits.sleeping = options_.sleeping;
    engine_ = std::make_unique<engine::engine>(
        engine::engine_ports{
            loop_, clock_, random_, *store_, *deployments_, connections_->calls(), ids_,
            &connectors_->http(), &connectors_->files(),
            [this](std::function<void()> work) { pool_->submit(std::move(work)); },
            [this](const std::string& instance, const std::string& flow, store::event_state state) {
                metrics_.execution_ended(counted_flow(*deployments_, instance, flow), state);
                if (state == store::event_state::succeeded) alerts_->on_success(instance, flow);
            }},
        limits);
    alerts_ = std::make_unique<host_alerts>(
        host_alert_ports{loop_, clock_, ids_, *store_, *deployments_, *connections_, *engine_,
                         [this](std::function<void()> work) { pool_->submit(std::move(work)); }});
    plugin::registry& registry = connectors_->connectors();
    uploads_ = std::make_unique<trigger::uploads>(registry.blob_streams(), ids_,
                                                  trigger::upload_options{options_.max_upload});
    trigger::webhook_options rules;
    rules.endpoint.requests_at_once = options_.requests_per_endpoint;
    auto capabilities = trigger::run_capabilities::open(*store_, random_);
    if (!capabilities) return fail(capabilities.error_value());
    runs_ = std::make_unique<trigger::runs_address>(
        trigger::runs_ports{loop_, *store_, *deployments_, *engine_,
                            [this](std::function<void()> work) { pool_->submit(std::move(work)); }},
        std::move(*capabilities));
    webhook_ = std::make_unique<trigger::webhook>(
        trigger::webhook_ports{
            loop_, clock_, ids_, *store_, *deployments_, connectors_->calls(), *engine_,
            [this](const std::string& id, const auto* wanted) {
                return connectors_->describe(id, wanted);
            },
            [this](store::event_id id) { return runs_->url_of(id); }, uploads_.get(), keys_.get()},
        rules);
    std::vector<store::event_id> files = registry.blobs().stored();
    engine_->observe_ends([this](store::event_id id, const engine::end_of_execution& end) {
        webhook_->on_end(id, end);
        schedules_->on_end(id);
        pollers_->on_end(id);
        lifecycle_->on_end(id, end);
    });
    pollers_ = std::make_unique<trigger::pollers>(
        trigger::poll_ports{loop_, clock_, ids_, *store_, *engine_});
    engine_->keep_in_memory([this](store::event_id id) { return webhook_->is_awaited(id); });
    schedules_ = std::make_unique<trigger::schedules>(trigger::schedule_ports{
        loop_, clock_, ids_, *store_, [this](const store::new_event& event, json::value payload) {
            engine_->accept(event, event.id, std::move(payload));
        }});
    if (base::result<void> done = listen(); !done) return fail(done.error_value());
    open_lifecycle();
    open_changes();
    if (base::result<void> done = open_admin(); !done) return fail(done.error_value());
    trigger::live_runs live;
    base::result<std::size_t> resumed =
        engine_->recover([&live](const store::ready_event& one) { note_live_run(live, one); });
    if (!resumed) return fail(resumed.error_value());
    if (*resumed > 0) {
        base::log(base::log_level::info, "picked up what had not ended",
                  {{"executions", std::to_string(*resumed)}});
    }
    // After recover(): what it finds to be under way is.
    base::result<void> planned = schedules_->start(deployments_->flows(), live);
    if (!planned) return fail(planned.error_value());
    base::result<void> polled = pollers_->start(deployments_->flows(), live);
    if (!polled) return fail(polled.error_value());
    if (base::result<void> done = start_alerts(); !done) return fail(done.error_value());
    base::result<void> begun = lifecycle_->start(deployments_->wanted(options_.public_url));
    if (!begun) return fail(begun.error_value());
    // Last: it may cancel what has been picked up.
    if (base::result<void> done = listen_admin(); !done) return fail(done.error_value());
    retention_ = std::make_unique<engine::retention>(
        engine::retention_ports{
            loop_, clock_, *store_, registry.blob_streams().blobs,
            [this](std::function<void()> work) { pool_->submit(std::move(work)); }},
        engine::retention_options{options_.keep_days * day_ms});
    retention_->start(std::move(files));
    loop_.add_signal_handler({SIGTERM, SIGINT}, [this](int) { on_signal(); });
    registry.watch();
    // By now whoever follows the log sees it.
    if (vault_->wrapped().old > 0) pool_->submit([this] { rewrap_keys(); });
    return exit_ok;
}

int host_process::run() {
    loop_.run();
    // After an orderly end everything is closed one by one. Otherwise calls may still be running
    // in connectors: the process ends without touching them; the store recovers at the next start.
    if (code_ != exit_ok) std::_Exit(code_);
    server_.reset();
    admin_server_.reset();
    store_->close();
    return code_;
}

void host_process::on_signal() {
    if (drain_) {
        base::log(base::log_level::warning, "second signal: ending at once");
        return stop(exit_refused);
    }
    base::log(base::log_level::info, "draining: accepted requests and running steps end first");
    start_drain();
}

void host_process::start_drain() {
    schedules_->stop();
    pollers_->stop();
    alerts_->stop();
    connections_->stop();
    lifecycle_->stop();
    connectors_->connectors().stop_watching();
    drain_ = std::make_unique<drain>(drain_ports{
        loop_, clock_, [this](std::int64_t ms, auto done) { drain_servers(ms, std::move(done)); },
        [this](std::int64_t ms, auto done) {
            engine_->drain(
                ms, [this, done = std::move(done)] { connections_->settle(settle_ms, done); });
        },
        [this] { webhook_->answer_callers(); },
        [this](std::int64_t ms, auto done) {
            connectors_->connectors().shutdown(ms, std::move(done));
        },
        [this](bool cut_off) { stop(cut_off ? exit_refused : exit_ok); }});
    drain_->start(options_.drain_s * 1000);
}

void host_process::drain_servers(std::int64_t deadline_ms, std::function<void(std::size_t)> done) {
    struct both {
        int left = 2;
        std::size_t unanswered = 0;
        std::function<void(std::size_t)> done;
    };
    auto ends = std::make_shared<both>();
    ends->done = std::move(done);
    for (net::http_server* const one : {server_.get(), admin_server_.get()}) {
        one->drain(deadline_ms, [ends](std::size_t unanswered) {
            ends->unanswered += unanswered;
            if (--ends->left == 0) ends->done(ends->unanswered);
        });
    }
}

void host_process::stop(int code) {
    code_ = code;
    loop_.stop();
}

}  // namespace sluice::cli
