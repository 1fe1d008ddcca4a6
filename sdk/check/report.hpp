// What a test tells its parent process, also when it does not live to its end.
#pragma once

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <string_view>

#include "sluice/json.hpp"

namespace sluice::checking {

class report {
  public:
    report(const std::filesystem::path& folder, std::string_view test);
    report(const report&) = delete;
    report& operator=(const report&) = delete;
    ~report();

    // What runs from now on: named with a finding, and when the process dies.
    void doing(std::string_view what);
    // A rule is broken. The same message counts once.
    void fail(std::string_view message, std::string_view next_step);
    // Allowed, but hardly meant.
    void warn(std::string_view message, std::string_view next_step);
    // The time was over before all was tried: a warning.
    void left_out(const std::string& what);
    // What was tried, for people: "212 calls".
    void saw(std::string_view what);
    // What an action has given back, for the parent to hold against its output schema.
    void result(std::string_view action, const json& output);
    // The test has come to its end. Without it the connector has ended the process.
    void end();

  private:
    struct findings {
        std::set<std::string, std::less<>> known;
        std::size_t left_out = 0;
    };

    void find(std::string_view kind, findings& counted, std::string_view message,
              std::string_view next_step);
    void write(std::string_view kind, std::string_view message, std::string_view next_step);

    std::ofstream findings_;
    int doing_file_ = -1;
    std::string doing_;
    findings failures_;
    findings warnings_;
};

}  // namespace sluice::checking
