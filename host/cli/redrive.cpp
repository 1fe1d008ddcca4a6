#include "cli/redrive.hpp"

#include <CLI/CLI.hpp>
#include <cstdlib>

#include "cli/exit_code.hpp"
#include "cli/output.hpp"
#include "net/url.hpp"

namespace sluice::cli {
namespace {

void report(const json::value& job) {
    print(job.string_or("action", "") + ": " + std::to_string(job.int_or("done", 0)) + " of " +
          std::to_string(job.int_or("found", 0)) + ", " + std::to_string(job.int_or("refused", 0)) +
          " refused\n");
}

}  // namespace

void add_redrive_options(CLI::App& command, redrive_options& options) {
    command.add_option("--limit", options.limit, "At most so many, the newest that fit")
        ->check(CLI::Range(1, 10'000))
        ->capture_default_str();
    command.add_option("--rate", options.rate, "At most so many a second, up to 100/s")
        ->check(CLI::Validator(
            [](const std::string& text) {
                const bool fits = text.size() >= 3 && text.ends_with("/s") &&
                                  text.find_first_not_of("0123456789") == text.size() - 2;
                return fits ? std::string() : "write N/s, for example 5/s";
            },
            "N/s"))
        ->capture_default_str();
    command.add_flag("--dry-run", options.dry_run, "Only say which ones");
}

int redrive(const admin_settings& admin, const execution_filter& filter,
            const redrive_options& options) {
    json::value body = json::value::object({{"action", options.action},
                                            {"limit", options.limit},
                                            {"rate", std::atoi(options.rate.c_str())},
                                            {"dryRun", options.dry_run}});
    if (options.action == "resume") body.set("version", options.version);
    add_members(body, filter);
    auto job = ask_admin(admin, "POST", "/redrives", body);
    if (!job) return admin_failure(job.error_value());
    if (options.dry_run) {
        for (const json::value& id : job->get("executions").items())
            print(id.as_string() + '\n');
        print("these " + std::to_string(job->int_or("found", 0)) + " would be " +
              (options.action == "resume" ? "resumed\n" : "replayed\n"));
        return exit_ok;
    }
    const std::string path = "/redrives/" + net::percent_encode(job->string_or("id", ""));
    report(*job);
    while (job->string_or("state", "") == "running") {
        pause_ms(1'000);
        job = ask_admin(admin, "GET", path);
        if (!job) return admin_failure(job.error_value());
        report(*job);
    }
    for (const json::value& one : job->get("refusals").items())
        print(one.string_or("execution", "") + ": " + one.string_or("why", "") + '\n');
    return job->int_or("refused", 0) == 0 ? exit_ok : exit_refused;
}

}  // namespace sluice::cli
