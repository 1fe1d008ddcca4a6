// The state behind a mock host, and its event loop in virtual time.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mock_blob.hpp"
#include "mock_call.hpp"
#include "mock_session.hpp"
#include "shaped_struct.hpp"
#include "sluice/abi.h"
#include "sluice/testing/mock_host.hpp"

namespace sluice::testing {

// What makes the handles of one host's calls its own.
class host_number {
  public:
    explicit host_number(mock_core& core);
    host_number(const host_number&) = delete;
    host_number& operator=(const host_number&) = delete;
    ~host_number();
    std::uint64_t next_call();

  private:
    std::uint64_t number_ = 0;
    std::uint32_t calls_ = 0;
};

// How a host operation runs.
struct operation_kind {
    std::uint64_t delay_ms = 0;
    // Once begun it ends with its own outcome: a cancel comes too late.
    bool unstoppable = false;
    // Runs before the done function, on a thread of the pool.
    std::function<void()> work = {};
};

class mock_core {
  public:
    // Runs on the strand; error is NULL or SLUICE_CANCELLED.
    using completion = std::function<void(const sluice_error* error)>;

    mock_core(sluice_entry entry, const mock_options& options);
    mock_core(const mock_core&) = delete;
    mock_core& operator=(const mock_core&) = delete;
    ~mock_core();

    call_result run(std::string_view action, std::string input, std::string connection,
                    const call_options& options, std::optional<unsigned> cancel_at);

    std::vector<call_result> run_together(const std::vector<call_plan>& plans, unsigned threads,
                                          std::uint64_t seed);
    void forget_calls();

    // Any thread. Asks the calls that run now to end.
    void cancel_running();
    // Any thread. Starts a host operation that ends after its delay or when it is cancelled; `done`
    // is dropped when the call is over by then.
    std::uint64_t start_operation(mock_call& call, operation_kind kind, completion done);
    void cancel_operation(std::uint64_t operation);
    void post(mock_call& call, sluice_fn function, void* user);
    void end(mock_call& call, const sluice_error* error, std::string_view output);
    void log(mock_call* call, log_line line);
    void problem(mock_call* call, std::string what);
    // Any thread, without lock(): null when it is forgotten.
    std::shared_ptr<mock_call> find_call(std::uint64_t number);
    const mock_options& options() const noexcept { return options_; }

    // Any thread, without lock(): the connector runs inside.
    void close_sessions(const std::function<bool(const mock_session&)>& which);
    void close_idle_sessions();  // whose time is over

    // Any thread.
    std::unique_lock<std::mutex> lock() { return std::unique_lock(mutex_); }

    bool has_service(std::string_view id) const;

    // Guarded by lock() while a blocking action runs.
    std::deque<http_rule> rules;
    std::function<http_rule::answer(const recorded_request&)> answer_others;
    std::vector<recorded_request> requests;
    // By instance and key: text and version.
    std::map<std::pair<std::string, std::string>, std::pair<std::string, std::uint64_t>> state;
    std::deque<mock_blob> blobs;
    std::deque<mock_session> sessions;  // idle; the one kept last comes first
    std::vector<mock_session> surplus;  // to be closed on the next occasion, off the strand
    bool work_is_refused = false;
    std::vector<log_line> host_log;
    std::vector<std::string> problems;
    std::optional<reported_error> open_error;
    std::uint64_t now_ms = 0;
    // The time of day when now_ms is 0. Unset: the real time, and now_ms more.
    std::optional<std::int64_t> started_unix_ms;

  private:
    struct event {
        std::uint64_t operation = 0;  // 0: nothing to cancel
        mock_call* call = nullptr;
        completion run;
        bool cancelled = false;
        bool unstoppable = false;
        std::function<void()> work = {};
    };

    const sluice_action* find_action(std::string_view id) const;
    // The call that a plan means, or why there is none.
    mock_call* plan(const call_plan& plan, const sluice_action*& action, call_result& refused);
    void start(const sluice_action& action, mock_call& call);
    void run_events(mock_call& call);
    // Whether a thread of the connector's own went on with the call.
    bool wait_patiently(std::unique_lock<std::mutex>& guard, const mock_call& call);
    // One event, outside of the lock.
    void run_event(const event& due);
    void run_work(const event& due);
    // Runs code of the connector's. An exception that leaves it is a broken rule.
    void run_guarded(mock_call& call, const std::function<void()>& code);
    bool wants_cancel(const mock_call& call) const;
    void cancel(mock_call& call);
    void cancel_pending(std::uint64_t operation);  // with the lock
    void check_end(mock_call& call);
    void check_blobs(mock_call& call);  // of this call, or of nobody who is known

    // run_together()
    using event_map = std::map<std::pair<std::uint64_t, std::uint64_t>, event>;
    struct blocking_start {
        const sluice_action* action;
        mock_call* call;
    };
    event_map::iterator next_runnable(std::mt19937_64& random);
    void work_on_strands(std::uint64_t seed);
    void work_on_pool();

    const mock_options options_;
    const shaped_struct<sluice_host> table_;
    const sluice_connector* connector_ = nullptr;
    void* self_ = nullptr;
    bool open_ = false;
    std::map<std::uint64_t, std::shared_ptr<mock_call>> calls_;

    std::mutex mutex_;
    std::condition_variable changed_;
    event_map events_;  // by time, then by order
    std::uint64_t next_ = 1;
    bool pool_is_busy_ = false;
    unsigned busy_strands_ = 0;
    unsigned busy_pool_ = 0;
    std::deque<blocking_start> waiting_for_pool_;
    host_number number_;  // the last one: gone before what handles lead to
};

// The tables that connectors see.
sluice_host host_table(mock_core& core);
const void* find_service(const mock_core& core, std::string_view id);

}  // namespace sluice::testing
