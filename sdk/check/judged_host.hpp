// The mock host, and a judge of everything that a call does on it.
#pragma once

#include <string>
#include <string_view>

#include "report.hpp"
#include "sluice/testing/mock_host.hpp"
#include "subject.hpp"

namespace sluice::checking {

// One call of a test.
struct trial {
    const checked_action* action = nullptr;
    std::string input;  // JSON, or not
    json connection;
    std::string what;  // for people: "with an empty object"
};

class judged_host {
  public:
    // Opens the connector; a failure of that is a finding.
    judged_host(const subject& checked, report& out, const testing::mock_options& options = {});

    bool is_open() const noexcept { return !host_.open_error(); }
    testing::mock_host& host() noexcept { return host_; }

    // Runs it and judges. What the rules of the ABI forbid is a finding.
    testing::call_result run(const trial& one);
    testing::call_result run_cancelled_at(unsigned n, const trial& one);
    // What has to hold after every call; for results that came by another way.
    void judge(const checked_action& action, const testing::call_result& result);
    // What the host noticed of calls that had ended. Then they are forgotten.
    void forget();
    // The input with its files, which are gone with the next forget().
    std::string files(const json& input) { return with_files(host_, input).dump(); }

    unsigned calls() const noexcept { return calls_; }

  private:
    void begin(const trial& one);
    void look_for_secrets(const checked_action& action, const testing::call_result& result);

    const subject& checked_;
    report& out_;
    testing::mock_host host_;
    unsigned calls_ = 0;
};

// "action `send` with an empty object", the input behind it.
std::string describe(const trial& one);

}  // namespace sluice::checking
