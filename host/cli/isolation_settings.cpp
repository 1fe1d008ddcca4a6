#include "cli/isolation_settings.hpp"

#include <CLI/CLI.hpp>
#include <system_error>

#include "base/file.hpp"

namespace sluice::cli {
namespace {

std::filesystem::path beside_this_program(const char* name) {
    std::error_code failed;
    const auto self = std::filesystem::read_symlink("/proc/self/exe", failed);
    return failed ? std::filesystem::path(name) : self.parent_path() / name;
}

std::string check_rule(std::string& text) {
    plugin::isolation_policy ignored;
    const auto added = plugin::add_isolation(ignored, text);
    return added ? std::string() : added.error_value().to_text();
}

}  // namespace

void add_isolation_options(CLI::App& command, isolation_settings& settings) {
    command
        .add_option("--isolation", settings.rules,
                    "How connectors run: none (in the host's process) or process, with ,no-network "
                    ",exec ,memory=MIB behind it; NAME=... for one connector")
        ->check(CLI::Validator(check_rule, "[NAME=]RULE"));
    command
        .add_option("--trusted-connectors", settings.trusted,
                    "Hashes (as sha256sum writes them) of files that run in the host's process; "
                    "all others have one of their own (default: connectors.sha256 beside sluice)")
        ->check(CLI::ExistingFile);
    command
        .add_option("--runner", settings.runner,
                    "The program that runs a connector (default: sluice-runner beside sluice)")
        ->check(CLI::ExistingFile);
}

base::result<plugin::isolation_policy> isolation_policy_of(const isolation_settings& settings) {
    plugin::isolation_policy out;
    out.for_others.mode = plugin::isolation_mode::process;
    const bool given = !settings.trusted.empty();
    const auto list = given ? settings.trusted : beside_this_program("connectors.sha256");
    std::error_code ignored;
    if (given || std::filesystem::exists(list, ignored)) {
        const auto text = base::read_file(list);
        if (!text) return text.error_value();
        auto trusted = plugin::parse_trusted(*text);
        if (!trusted) {
            base::error why = trusted.error_value();
            why.message = list.string() + ": " + why.message;
            return why;
        }
        out.trusted = std::move(*trusted);
    }
    for (const std::string& rule : settings.rules) {
        if (auto added = plugin::add_isolation(out, rule); !added) return added.error_value();
    }
    return out;
}

std::filesystem::path runner_program(const isolation_settings& settings) {
    return settings.runner.empty() ? beside_this_program("sluice-runner") : settings.runner;
}

}  // namespace sluice::cli
