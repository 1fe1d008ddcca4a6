#include "cli/deployment_wait.hpp"

#include <cstdint>

#include "cli/exit_code.hpp"
#include "cli/output.hpp"
#include "net/io_loop.hpp"

namespace sluice::cli {
namespace {

constexpr std::int64_t pause_ms = 300;
constexpr int most_rounds = 2'000;  // ten minutes

void pause() {
    net::io_loop loop;
    loop.run_after(pause_ms, [&loop] { loop.stop(); });
    loop.run();
}

}  // namespace

int wait_for_instances(const admin_settings& admin, const std::set<std::string>& names) {
    if (names.empty()) return exit_ok;
    for (int round = 0; round < most_rounds; ++round) {
        auto all = all_pages(admin, "/instances");
        if (!all) return admin_failure(all.error_value());
        std::size_t waiting = 0;
        int code = exit_ok;
        std::string failures;
        for (const json::value& one : *all) {
            if (!names.contains(one.string_or("name", ""))) continue;
            const std::string state = one.string_or("state", "");
            if (state == "deploying" || state == "undeploying") ++waiting;
            if (state != "failed") continue;
            code = exit_refused;
            failures += one.string_or("name", "") + " failed: " + one.string_or("error", "") + '\n';
        }
        if (waiting == 0) {
            print(failures);
            return code;
        }
        pause();
    }
    print_error(base::make_error(base::error_code::timeout,
                                 "instances are still being deployed after ten minutes",
                                 "`sluice instance list` says which"));
    return exit_refused;
}

}  // namespace sluice::cli
