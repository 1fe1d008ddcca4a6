// The admin API as commands use it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "json/value.hpp"

namespace CLI {
class App;
}

namespace sluice::cli {

// Where the API is and who asks. The token never stands on a command line, which other users of the
// machine can read.
struct admin_settings {
    std::string url;         // empty: SLUICE_ADMIN, else the address that `serve` has by default
    std::string token_file;  // empty: the environment variable SLUICE_TOKEN
    std::string ca_file;     // for https; empty: the system's certificates
};

// --admin, --token-file, --ca-file.
void add_admin_options(CLI::App& command, admin_settings& settings);

// One request; waits for the answer and gives its body (null when it has none). A refusal is an
// error with the API's own words; what else its answer holds is in details_json.
base::result<json::value> ask_admin(const admin_settings& settings, const std::string& method,
                                    const std::string& path, const json::value& body = {});

// All items of a list, page after page. `path` may have a query.
base::result<std::vector<json::value>> all_pages(const admin_settings& settings,
                                                 const std::string& path);

// Lets time pass before a host is asked again.
void pause_ms(std::int64_t milliseconds);

// Prints the error; the exit code that says what kind it was.
int admin_failure(const base::error& why);

}  // namespace sluice::cli
