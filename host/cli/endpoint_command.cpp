// sluice endpoint list
#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>

#include "base/clock.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/output.hpp"
#include "store/sqlite_store.hpp"

namespace sluice::cli {
namespace {

struct endpoint_options {
    std::filesystem::path data;
    bool json = false;
};

int list(const endpoint_options& options) {
    base::system_clock clock;
    auto reader = store::open_sqlite_reader(options.data, clock);
    if (!reader) return print_error(reader.error_value()), exit_environment;
    auto records = (*reader)->config("endpoint");
    if (!records) return print_error(records.error_value()), exit_environment;
    json::value endpoints = json::value::array();
    std::vector<std::vector<std::string>> rows = {{"INSTANCE", "FLOW", "PATH"}};
    for (const store::config_record& record : *records) {
        const json::value content = json_or_text(record.value_json);
        const std::string path = "/hooks/" + content.string_or("token", "");
        rows.push_back({content.string_or("instance", ""), content.string_or("flow", ""), path});
        endpoints.push(json::value::object({{"instance", content.get("instance")},
                                            {"flow", content.get("flow")},
                                            {"path", path}}));
    }
    if (options.json) {
        print_json(json::value::object({{"endpoints", std::move(endpoints)}}));
    } else {
        print(table(rows));
    }
    return exit_ok;
}

}  // namespace

void add_endpoint_commands(CLI::App& app, int& code) {
    auto options = std::make_shared<endpoint_options>();
    CLI::App& group = *app.add_subcommand("endpoint", "Webhook addresses");
    group.require_subcommand(1);
    CLI::App& list_command = *group.add_subcommand(
        "list", "Path of each webhook; whoever knows one may send, so treat it as a secret");
    list_command.add_option("--data", options->data, "Folder of the store")->required();
    list_command.add_flag("--json", options->json, "Print JSON");
    list_command.footer("Example: sluice endpoint list --data DIR");
    list_command.callback([options, &code] { code = list(*options); });
}

}  // namespace sluice::cli
