// What a test tells its parent process, also when it does not live to its end.
#pragma once

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <string_view>

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
    // What was tried, for people: "212 calls".
    void saw(std::string_view what);

    bool failed() const noexcept { return failed_; }

  private:
    void find(std::string_view kind, std::string_view message, std::string_view next_step);

    std::ofstream findings_;
    int doing_file_ = -1;
    std::string doing_;
    std::set<std::string, std::less<>> known_;
    bool failed_ = false;
};

}  // namespace sluice::checking
