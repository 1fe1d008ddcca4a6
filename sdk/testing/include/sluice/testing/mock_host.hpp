// A host in memory for the tests of a connector: HTTP replies come from a script, time is virtual,
// everything of a call runs on the test's thread (but for what may block), one thing after another.
// The connector under test is linked in or loaded.
//
//   sluice::testing::mock_host host(sluice_connector_v1);
//   host.on("POST", "https://api.example.com/issues").reply(201, R"({"id": 7})");
//   auto result = host.run("createIssue", {{"title", "It broke"}}, {{"token", "t"}});
//   EXPECT_TRUE(result.ok) << result.explain();
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/abi.h"
#include "sluice/json.hpp"
#include "sluice/testing/call_result.hpp"
#include "sluice/testing/http_script.hpp"

// The entry of a connector that is linked into the test.
extern "C" const sluice_connector* SLUICE_CALL sluice_connector_v1(void);

namespace sluice::testing {

class mock_core;

// The entry of a connector's library. It stays loaded until the process ends. Throws
// std::runtime_error with the loader's own words.
sluice_entry load_connector(const std::filesystem::path& library);

struct call_options {
    std::string idempotency_key = "key-1";
    unsigned attempt = 1;
    std::int64_t deadline_unix_ms = 0;    // 0: none
    std::string instance = "instance-1";  // for whom it runs: sessions are kept apart by it
};

// What is unusual about this host.
struct mock_options {
    std::vector<std::string> without = {};  // services that it does not have: "sluice.http/1"
    // Structs of exactly the size of ABI 1.0, with memory behind them that must not be touched: a
    // host of the first day. A connector that looks further without asking for `size` crashes.
    bool smallest_structs = false;
    // A host of a later day: longer structs, a higher minor, bits of tomorrow in between.
    bool later_structs = false;
    // Real time in which threads of the connector's own may go on with a call that waits for
    // nothing of the host. After that it counts as one that never completes.
    std::uint64_t patience_ms = 0;
    // Actions with the flag `verifier`: their SLUICE_AUTH is about a sender, and closes no session.
    std::vector<std::string> verifiers = {};
};

// One of many calls that run at the same time.
struct call_plan {
    std::string action;
    std::string input;       // JSON
    std::string connection;  // JSON, or empty
    call_options options = {};
    // The host asks it to end when it has started that many operations.
    std::optional<unsigned> cancel_at = {};
};

class mock_host {
  public:
    // Opens the connector. When that fails every run() fails with the error of open().
    explicit mock_host(sluice_entry entry, const mock_options& options = {});
    mock_host(const mock_host&) = delete;
    mock_host& operator=(const mock_host&) = delete;
    // Closes the connector.
    ~mock_host();

    // The error of open(), or nothing.
    const std::optional<reported_error>& open_error() const noexcept;

    // The first rule that matches a request answers it. The reference stays valid.
    http_rule& on(std::string method, std::string url);
    // What answers a request that no rule matches. Runs on the thread of the call.
    void answer_others(std::function<http_rule::answer(const recorded_request&)> answer);
    const std::vector<recorded_request>& requests() const noexcept;

    // Runs an action until nothing is left to do.
    call_result run(std::string_view action, const json& input, const json& connection = json(),
                    const call_options& options = {});
    // The same, but the host asks the call to end as soon as it has started its n-th host operation
    // (n = 0: right after start). Loop n from 0 while n <= result.operations to try every place.
    call_result run_cancelled_at(unsigned n, std::string_view action, const json& input,
                                 const json& connection = json(), const call_options& options = {});
    // Runs an action with input that is not JSON, to see what happens.
    call_result run_text(std::string_view action, std::string_view input,
                         std::string_view connection = {});
    // Runs all at the same time, in an order that `seed` chooses, and blocking actions on threads
    // of their own. With one thread for the strands the order is the same in every run; with
    // several they overlap as in a real host. Results are in the order of the plans; blobs that
    // nobody released are told with the first one.
    std::vector<call_result> run_together(const std::vector<call_plan>& plans, unsigned threads,
                                          std::uint64_t seed);
    // Asks the calls that run now to end. Any thread, such as one that plays a server: for blocking
    // actions that wait for one.
    void cancel_running();
    // Forgets ended calls, requests, logs, blobs and problems, so that a test may go on for long. A
    // connector that still uses the handle of such a call is told among the problems.
    void forget_calls();

    // Milliseconds of virtual time that have passed.
    std::uint64_t now_ms() const noexcept;
    // What time of day it is for the connector; only virtual time passes from then on. Without it,
    // it is the real time, and what has passed of virtual time more.
    void set_unix_ms(std::int64_t now);
    // Lets time pass between calls; sessions that were idle too long are closed.
    void pass_time(std::uint64_t ms);

    // A value that calls of that instance find.
    void set_state(std::string key, const json& value, std::string instance = "instance-1");
    // Null when there is none.
    json state(const std::string& key, const std::string& instance = "instance-1") const;

    // A sealed blob; returns its {"$blob": ...} for the input.
    json add_blob(std::string content_type, std::string bytes);
    // The bytes behind a {"$blob": ...}; nothing when there is no such blob.
    std::optional<std::string> blob_bytes(const json& reference) const;

    // Sessions that were kept and wait for their next call. The rest is closed with the host.
    std::size_t idle_sessions() const;

    // From now on the pool of sluice.work/1 is full.
    void refuse_work();

    // Lines that belong to no call.
    const std::vector<log_line>& log() const noexcept;
    // Broken rules that were noticed after their call had ended.
    const std::vector<std::string>& problems() const noexcept;

  private:
    std::unique_ptr<mock_core> core_;
};

}  // namespace sluice::testing
