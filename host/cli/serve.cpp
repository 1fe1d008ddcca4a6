#include "cli/serve.hpp"

#include <CLI/CLI.hpp>
#include <memory>

#include "base/log.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/host_process.hpp"
#include "cli/master_key_options.hpp"
#include "cli/output.hpp"
#include "cli/serve_settings.hpp"

namespace sluice::cli {
namespace {

// What is wrong with an option is said before anything is opened or written.
template <class Check>
CLI::Validator as_check(Check check, const char* form) {
    return CLI::Validator(
        [check](std::string& text) {
            const auto checked = check(text);
            return checked ? std::string() : checked.error_value().to_text();
        },
        form);
}

}  // namespace

int serve(const serve_options& given) {
    if (auto may = check_admin_listen(given.admin_listen, !given.tls_certificate.empty()); !may) {
        print_error(may.error_value());
        return exit_usage;
    }
    serve_options options = given;
    instance::master_key_source& key = options.master_key;
    if (!is_given(key)) {
        key.file = options.data / "master.key";
    }
    host_process host(options);
    if (const int code = host.start(); code != exit_ok) return code;
    line_output& told = host.told();
    told.add("ready " + host.url());
    for (const instance::endpoint& one : host.deployed().endpoints()) {
        told.add("hook " + one.instance + ' ' + one.flow + ' ' +
                 (options.public_url.empty() ? host.url() : options.public_url) + one.url_path());
    }
    // With very many schedules, those that come first.
    std::size_t left = 1000;
    for (const trigger::planned_tick& next : host.planned()) {
        if (left-- == 0) break;
        told.add("schedule " + next.instance + ' ' + next.flow + ' ' +
                 base::to_rfc3339(next.at_ms));
    }
    if (const base::secret token = host.take_admin_token(); !token.empty()) {
        told.add("admin-token " + std::string(token.reveal()));
    }
    told.add("admin " + host.admin_url());
    for (const auto& [name, state] : host.instances())
        told.add("instance " + name + ' ' + state);
    return host.run();
}

void add_serve_command(CLI::App& app, int& code) {
    auto options = std::make_shared<serve_options>();
    CLI::App& command = *app.add_subcommand("serve", "Run the host until SIGTERM or SIGINT");
    command.add_option("--data", options->data, "Folder of the store (made when missing)")
        ->required();
    command.add_option("--plugins", options->plugins, "Folder into which connectors are dropped")
        ->required();
    command
        .add_option("--apply", options->apply,
                    "Files of integrations, instances, customers to deploy")
        ->check(CLI::ExistingFile);
    command.add_option("--remove", options->remove,
                       "Instances to remove: their undeploy flows run, then they are gone");
    add_master_key_options(command, options->master_key);
    command.add_flag("--new-admin-token", options->new_admin_token,
                     "Make and print a token for the admin API although there are some: the way "
                     "back in when all of them are lost");
    command
        .add_option("--listen", options->listen, "HOST:PORT for webhooks; port 0 picks a free one")
        ->check(as_check(parse_listen, "HOST:PORT"))
        ->capture_default_str();
    command
        .add_option("--admin-listen", options->admin_listen,
                    "HOST:PORT for the admin API; beyond this machine with TLS only")
        ->check(as_check(parse_listen, "HOST:PORT"))
        ->capture_default_str();
    command.add_option(
        "--public-url", options->public_url,
        "Address under which senders reach this host, when a proxy stands before it");
    command
        .add_option("--allow-egress", options->allow_egress,
                    "Private addresses that flows may call: HOST[:PORT] or network/bits")
        ->check(as_check(check_egress_entry, "HOST[:PORT]"));
    command.add_option("--ca-file", options->ca_file, "Certificates to trust for outgoing TLS");
    command.add_option("--tls-certificate", options->tls_certificate, "PEM chain for incoming TLS");
    command.add_option("--tls-key", options->tls_key, "PEM key of that certificate");
    command
        .add_option("--drain-seconds", options->drain_s,
                    "SIGTERM ends the host within this time, at least one second")
        ->check(CLI::Range(0, 3600))
        ->capture_default_str();
    command
        .add_option("--disk-reserve-mb", options->disk_reserve_mb,
                    "Kept free for an orderly end when the disk is full. Events are refused while "
                    "less than twice this is free (at least 64 MiB, at most 5 % of the disk)")
        ->check(CLI::Range(0, 1 << 20))
        ->capture_default_str();
    command
        .add_option("--connections-per-source", options->connections_per_source,
                    "Connections that one address may hold")
        ->capture_default_str();
    command
        .add_option("--max-upload", options->max_upload,
                    "Largest body, in bytes, of a webhook with `body: blob`")
        ->capture_default_str();
    command
        .add_option("--blob-quota-mb", options->blob_quota_mb,
                    "What all files of one execution may take together")
        ->check(CLI::Range(1, 1 << 30))
        ->capture_default_str();
    command
        .add_option("--keep-days", options->keep_days,
                    "How long finished executions and their files are kept; 0: for ever")
        ->check(CLI::Range(0, 36500))
        ->capture_default_str();
    command
        .add_option("--requests-per-endpoint", options->requests_per_endpoint,
                    "Requests that one webhook address takes at once; beyond: 429")
        ->check(CLI::Range(1, 1'000'000))
        ->capture_default_str();
    command
        .add_option("--running", options->running,
                    "Executions at once, those that wait for an answer of a third party included; "
                    "the others wait in the store")
        ->check(CLI::Range(1, 10'000'000))
        ->capture_default_str();
    command
        .add_option("--running-per-instance", options->running_per_instance,
                    "The same for one instance: what a slow third party of one customer can hold")
        ->check(CLI::Range(1, 10'000'000))
        ->capture_default_str();
    command
        .add_option("--sleeping", options->sleeping,
                    "Executions asleep in memory; who goes to sleep beyond, for 5 s or longer, is "
                    "taken out of memory and goes on from its records")
        ->check(CLI::Range(0, 100'000'000))
        ->capture_default_str();
    command
        .add_option("--connections-per-host", options->connections_per_host,
                    "Outgoing connections to one host and port at once; further calls wait")
        ->check(CLI::Range(1, 1'000'000))
        ->capture_default_str();
    command.add_flag("--metrics-open", options->metrics_open,
                     "GET /metrics of the admin listener needs no token");
    add_isolation_options(command, options->isolation);
    auto log_json = std::make_shared<bool>(false);
    command.add_flag("--log-json", *log_json, "Write the log as one JSON object a line");
    command.footer(
        "The first line on standard output is \"ready URL\", then \"hook INSTANCE FLOW URL\" for "
        "each webhook and \"schedule INSTANCE FLOW TIME\" for the next run of each schedule (the "
        "first thousand). When no token can administer the host, as at the first start, one is "
        "made and shown this once: \"admin-token TOKEN\". Then come \"admin URL\" and \"instance "
        "INSTANCE STATE\" for each instance, the latter again when its state changes. The log "
        "goes to standard error.\n\n"
        "Example:\n"
        "  sluice serve --data /var/lib/sluice --plugins /usr/lib/sluice/connectors \\\n"
        "    --apply flows/github-to-your-app/integration.yaml \\\n"
        "    --apply flows/github-to-your-app/instances/demo.yaml --listen 127.0.0.1:8080\n\n"
        "Exit code: 0 after a signal, 1 when a file is refused or the drain was cut off (requests\n"
        "without an answer, connectors that did not end), 2 for a wrong command line, 3 when the\n"
        "data folder or the address cannot be used.");
    command.callback([options, log_json, &code] {
        base::set_log_json(*log_json);
        code = serve(*options);
    });
}

}  // namespace sluice::cli
