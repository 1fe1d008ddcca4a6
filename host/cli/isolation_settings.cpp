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

base::result<void> trust(plugin::isolation_policy& policy, const std::filesystem::path& list) {
    const auto text = base::read_file(list);
    if (!text) return text.error_value();
    auto hashes = plugin::parse_trusted(*text);
    if (!hashes) {
        base::error why = hashes.error_value();
        why.message = list.string() + ": " + why.message;
        return why;
    }
    policy.trusted.merge(*hashes);
    return {};
}

}  // namespace

void add_isolation_options(CLI::App& command, isolation_settings& settings) {
    command
        .add_option("--isolation", settings.rules,
                    "How connectors run: none (in the host's process) or process, with ,no-network "
                    ",exec ,memory=MIB behind it; NAME=... for one connector")
        ->check(CLI::Validator(check_rule, "[NAME=]RULE"));
    command
        .add_option(
            "--trusted-connectors", settings.trusted,
            "Hashes (as sha256sum writes them) of more files that run in the host's process "
            "than those in connectors.sha256 beside sluice; all others have one of their own")
        ->check(CLI::ExistingFile);
    command
        .add_option("--runner", settings.runner,
                    "The program that runs a connector (default: sluice-runner beside sluice)")
        ->check(CLI::ExistingFile);
}

base::result<plugin::isolation_policy> isolation_policy_of(const isolation_settings& settings) {
    plugin::isolation_policy out;
    out.for_others.mode = plugin::isolation_mode::process;
    const auto own = beside_this_program("connectors.sha256");
    std::error_code ignored;
    if (std::filesystem::exists(own, ignored)) {
        if (auto added = trust(out, own); !added) return added.error_value();
    }
    for (const std::filesystem::path& list : settings.trusted) {
        if (auto added = trust(out, list); !added) return added.error_value();
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
