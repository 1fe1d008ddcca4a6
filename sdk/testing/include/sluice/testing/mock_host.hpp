// A host in memory for the tests of a connector: HTTP replies come from a script, time is virtual,
// everything of a call runs on the test's thread. The connector under test is linked in or loaded.
//
//   sluice::testing::mock_host host(sluice_connector_v1);
//   host.on("POST", "https://api.example.com/issues").reply(201, R"({"id": 7})");
//   auto result = host.run("createIssue", {{"title", "It broke"}}, {{"token", "t"}});
//   EXPECT_TRUE(result.ok) << result.explain();
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
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

class mock_host {
  public:
    // Opens the connector. When that fails every run() fails with the error of open().
    explicit mock_host(sluice_entry entry);
    mock_host(const mock_host&) = delete;
    mock_host& operator=(const mock_host&) = delete;
    // Closes the connector.
    ~mock_host();

    // The error of open(), or nothing.
    const std::optional<reported_error>& open_error() const noexcept;

    // The first rule that matches a request answers it. The reference stays valid.
    http_rule& on(std::string method, std::string url);
    const std::vector<recorded_request>& requests() const noexcept;

    // Runs an action until nothing is left to do.
    call_result run(std::string_view action, const json& input, const json& connection = json(),
                    const call_options& options = {});
    // The same, but the host asks the call to end as soon as it has started its n-th host operation
    // (n = 0: right after start). Loop n from 0 while n <= result.operations to try every place.
    call_result run_cancelled_at(unsigned n, std::string_view action, const json& input,
                                 const json& connection = json(), const call_options& options = {});
    // Runs an action with input that is not JSON, to see what happens.
    call_result run_text(std::string_view action, std::string_view input);

    // Milliseconds of virtual time that have passed.
    std::uint64_t now_ms() const noexcept;
    // What time of day it is for the connector; the real one at the host's beginning unless this says
    // otherwise, and virtual time passes from then on.
    void set_unix_ms(std::int64_t now);
    // Lets time pass between calls; sessions that were idle too long are closed.
    void pass_time(std::uint64_t ms);

    void set_state(std::string key, const json& value);
    // Null when there is none.
    json state(const std::string& key) const;

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
