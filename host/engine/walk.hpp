// One strand of control through the tasks of an execution. The execution has one; each branch of a
// fork has one of its own, with a copy of the variables.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/task.hpp"
#include "engine/outcome.hpp"
#include "engine/scope.hpp"
#include "engine/surroundings.hpp"

namespace sluice::engine {

class execution;
struct credentials;
struct http_answer;
struct proven_answer;
struct signal;

class walk {
  public:
    walk(execution& run, scope variables, std::int64_t now_ms);
    // A branch of `parent`.
    explicit walk(const walk& parent);
    walk& operator=(const walk&) = delete;

    base::task<outcome> run_list(const manifest::task_list& list, json::value input);
    base::task<outcome> run_task(const manifest::task& task, json::value raw_input);
    // Of the whole flow, under its retry policy if it has one.
    base::task<outcome> run_flow(const manifest::flow& flow, json::value payload);

    // Asks to end soon, with a fault that nothing catches.
    void cancel();
    // A deadline for everything from here on; 0: none.
    void set_deadline(std::int64_t unix_ms) {
        given_ = {unix_ms, 0, nullptr};
        deadline_ = &given_;
    }

    scope& variables() { return scope_; }
    base::result<json::value> evaluate(const manifest::template_value& code,
                                       const json::value& input);

  private:
    // Of this walk and those around it, the innermost first.
    struct deadline {
        std::int64_t at_ms = 0;
        std::int64_t allowed_ms = 0;  // 0: the time itself was given
        deadline* outer = nullptr;
    };
    // 0: none.
    static std::int64_t earliest(const deadline* innermost);
    std::int64_t deadline_ms() const { return earliest(deadline_); }
    class deadline_guard;
    class fork_run;
    using execution_counters = std::unordered_map<std::string, std::int64_t>;
    // Why a pause ended.
    enum class woken { called, due, stopped };
    // The clock that expressions see: it stands at the end of the last step, so that an expression
    // gives the same again when the walk is repeated after a restart.
    class step_clock final : public base::clock {
      public:
        explicit step_clock(const walk& of) : walk_(of) {}
        std::int64_t unix_ms() override { return walk_.now_ms(); }
        std::int64_t steady_ns() override { return walk_.host_.clock.steady_ns(); }
        std::int64_t computed_ns() override { return walk_.host_.clock.computed_ns(); }

      private:
        const walk& walk_;
    };

    // Before and after a flow's tasks, and a task's body. Those with `result` tell whether to go
    // on; if not, that is what comes of it.
    bool begin_flow(const manifest::flow& flow, json::value& input, outcome& result);
    outcome end_flow(const manifest::flow& flow, outcome result);
    bool flow_runs_again(const manifest::flow& flow, const outcome& result,
                         const json::value& payload);
    bool skips_task(const manifest::task& task, json::value& raw_input, outcome& result);
    bool begin_task(const manifest::task& task, const json::value& raw_input, json::value& input,
                    outcome& result);
    std::optional<std::int64_t> time_allowed(const manifest::task& task, const json::value& input,
                                             outcome& result);
    std::optional<std::int64_t> time_allowed(const manifest::flow& flow, const json::value& payload,
                                             outcome& result);
    void trace_task(task_trace trace, json::value input, const outcome& result);

    base::task<outcome> run_flow_once(const manifest::flow& flow, json::value payload);
    base::task<outcome> run_body(const manifest::task& task, const json::value& input);
    base::task<outcome> run_at_once(const manifest::task& task, const json::value& input);
    // output.as, export.as and their schemas.
    outcome shape_output(const manifest::task& task, outcome result);
    base::task<outcome> run_call(const manifest::task& task, const manifest::call_task& body,
                                 const json::value& input);
    base::task<outcome> run_http(const manifest::task& task, const manifest::http_task& body,
                                 const json::value& input);
    base::task<outcome> run_openapi(const manifest::task& task, const manifest::openapi_task& body,
                                    const json::value& input);
    base::task<outcome> run_function(const manifest::task& task,
                                     const manifest::function_task& body, const json::value& input);
    base::task<outcome> run_for(const manifest::task& task, const manifest::for_task& body,
                                const json::value& input);
    base::task<outcome> run_fork(const manifest::task& task, const manifest::fork_task& body,
                                 const json::value& input);
    base::task<outcome> run_try(const manifest::task& task, const manifest::try_task& body,
                                const json::value& input);
    base::task<outcome> run_wait(const manifest::task& task, const manifest::wait_task& body,
                                 const json::value& input);
    base::task<outcome> run_emit(const manifest::task& task, const manifest::emit_task& body,
                                 const json::value& input);
    base::task<outcome> run_listen(const manifest::task& task, const manifest::listen_task& body,
                                   const json::value& input);
    base::task<outcome> run_workflow(const manifest::task& task, const manifest::run_task& body,
                                     const json::value& input);
    outcome run_set(const manifest::task& task, const manifest::set_task& body,
                    const json::value& input);
    outcome run_switch(const manifest::task& task, const manifest::switch_task& body,
                       const json::value& input);
    outcome run_raise(const manifest::task& task, const manifest::raise_task& body,
                      const json::value& input);

    struct listening;
    struct block_begin;
    void record_listening(const manifest::task& task, block_begin& block, store::step_record step,
                          const listening& state);
    base::task<std::optional<outcome>> take_signals(const manifest::task& task, listening& state,
                                                    const std::vector<signal>& found);
    // Waits for the end of a flow that this step has started.
    base::task<outcome> await_child(const manifest::task& task, const manifest::run_task& body,
                                    store::step_record step, store::event_id child);
    void forget_output(const manifest::run_task& body, store::event_id child);
    base::result<bool> takes(listening& state, const json::value& event);
    base::result<bool> is_enough(const listening& state);
    base::result<bool> is_last(listening& state, const json::value& event);
    base::task<outcome> run_foreach(const manifest::task& task, const listening& state,
                                    json::value event, std::int64_t index);
    base::task<woken> pause_for_signals(std::int64_t after);
    base::task<base::result<store::event_id>> start_child(child_port::request what,
                                                          child_port::noted note);

    // For try and flow retry: waits as long as the policy says; false: it does not want another
    // try, or there is no time for it, or the walk was cancelled (then `stopping()`).
    base::task<bool> wait_for_retry(const manifest::retry_policy& policy, std::string path,
                                    std::int64_t retry, std::int64_t first_start_ms,
                                    const fault& error);
    // Tasks below `path` count their visits from here again when they are tried again.
    void restore_visits(const std::string& path, const execution_counters& before);
    execution_counters visits_below(const std::string& path) const;
    base::result<bool> passes(const std::optional<manifest::template_value>& when,
                              const std::optional<manifest::template_value>& except_when,
                              const json::value& input);
    // `salt` decides where between the jitter's ends the wait lies.
    static std::int64_t retry_wait_ms(const manifest::retry_policy& policy, std::int64_t retry,
                                      const fault& error, std::string_view salt);

    // Functions without a connector: log, state.*, flow.start.
    base::task<outcome> run_builtin(const manifest::task& task, const std::string& name,
                                    store::step_record& step, json::value& arguments);
    base::task<outcome> deliver_result(const manifest::task& task, store::step_record step,
                                       json::value arguments);
    base::task<outcome> run_state(const manifest::task& task, const std::string& name,
                                  store::step_record step, json::value arguments);
    struct state_place;
    base::task<base::result<store::state_value>> read_state(const state_place& place);
    // Writes the value (null: removes it) and the step's record, in one transaction.
    // False when another version was there: then nothing is written.
    base::task<base::result<bool>> write_state(const state_place& place, const json::value* content,
                                               std::optional<std::uint64_t> expected,
                                               const store::step_record& step);

    // Chooses the version of the connector that the execution keeps to, unless it has, and makes
    // that durable. True when `step` has a record now, of its begin.
    base::task<bool> pin_connector(const manifest::call_task& call, const store::step_record& made);
    void record_begun(store::step_record step, const std::string& version);
    // Calls: what is sent (secrets put in at the last moment), and the outcome.
    base::result<connector_call> prepare_call(const manifest::call_task& call,
                                              json::value arguments);
    struct call_in_progress {
        store::step_record step;
        std::string key;
        json::value arguments;
        bool begun = false;  // there is a record of its begin
    };
    bool begin_call(const manifest::task& task, const manifest::call_task& call,
                    const json::value& input, call_in_progress& made, outcome& result);
    void start_call(const manifest::call_task& call, call_in_progress& made,
                    std::function<void(connector_reply)> done);
    outcome end_call(const manifest::task& task, const manifest::call_task& call,
                     call_in_progress& made, connector_reply reply);
    base::task<base::result<http_answer>> send(net::client_request request, std::string body_blob);
    // What a request may take: sixty seconds, and not beyond the deadline.
    std::int64_t request_time_ms() const;
    // What the call proves itself with; $authorization tells of it. Asks nobody.
    std::optional<fault> authorize(const manifest::authentication& proof, const json::value& input,
                                   const manifest::task& task, credentials& made);
    base::task<or_fault<std::string>> token_for(const credentials& proof);
    // Does what the kind of authentication asks for, in one request or several.
    base::task<proven_answer> send_proven(const credentials& proof, net::client_request request,
                                          std::string body_blob);
    base::task<proven_answer> send_with_digest(const credentials& proof,
                                               net::client_request request, std::string body_blob);
    base::task<proven_answer> send_with_token(const credentials& proof, net::client_request request,
                                              std::string body_blob);
    // With names in the places of references.
    static json::value hide_references(const manifest::template_value& code, json::value evaluated);
    // `shown`: the request as expressions and messages may see it, without secrets.
    base::task<outcome> exchange(const manifest::task& task, net::client_request request,
                                 net::client_request shown, std::string body_blob,
                                 manifest::http_output how, bool redirect, const credentials& proof,
                                 const std::string& key);
    outcome response_outcome(const manifest::task& task, manifest::http_output how, bool redirect,
                             const net::client_request& request,
                             const base::result<http_answer>& answer);
    outcome proven_outcome(const manifest::task& task, manifest::http_output how, bool redirect,
                           const net::client_request& request, const proven_answer& came);

    base::result<bool> evaluate_condition(const manifest::template_value& code,
                                          const json::value& input);
    base::result<std::int64_t> evaluate_duration(const manifest::duration_template& code,
                                                 const json::value& input);
    // The place of an expression's failure is the task.
    outcome expression_fault(const base::error& failure, const manifest::task& task) const;
    std::optional<fault> check_schema(const std::shared_ptr<const json::schema>& schema,
                                      const json::value& content, const char* what,
                                      const manifest::task& task) const;
    outcome timeout_fault(const manifest::task& task) const;

    // Waits for the records so far to be durable, so that others run and the writer is not flooded.
    base::task<> breathe();

    // Suspends until `due_ms` (0: no time), until the function given to `subscribe` is called, or
    // until the walk is cancelled. Gives up the permit to run meanwhile.
    base::task<woken> pause(std::int64_t due_ms,
                            std::function<void(std::function<void()> wake)> subscribe);

    // A pause that ends with the deadline in force at the latest: then `due` is returned, too.
    std::int64_t until_deadline(std::int64_t due_ms);

    // Of a resumed execution: what follows has happened, or happens, after it was resumed. All time
    // allowed for what it is inside of counts from then on.
    void go_on_after_resumption();

    // Records of leaf tasks. begin_step() numbers the run; replay() gives its record when an
    // earlier process made one.
    std::string path_of(const manifest::task& task) const;
    store::step_record begin_step(const manifest::task& task, const char* kind);
    const store::step_record* replay(const store::step_record& step);
    // A step that would begin after the deadline, and has no record, ends so.
    bool is_late(const manifest::task& task, outcome& result);
    // A step that has to wait: `state` is what a restart goes on with. `over`: its end.
    void record_waiting(store::step_record step, const json::value& state);
    void record_end(store::step_record step, outcome result);
    std::string next_key(const store::step_record& step);  // the idempotency key
    // What the flow goes on with is what is recorded: without secrets.
    void complete_step(store::step_record& step, outcome& result);
    // `replaces`: a record of the step's begin.
    outcome end_step(store::step_record step, outcome result, bool replaces = false);
    static outcome replayed_outcome(const store::step_record& step);
    // What a record of a whole block (a loop, a fork) holds beside its output.
    json::value block_state(const manifest::task& task, json::value output) const;
    void restore_block(const json::value& state);
    // How often the tasks below a block have run.
    json::value counters_below(const std::string& block) const;
    void restore_below(const json::value& state);
    static bool is_below(const std::string& path, const std::string& block);
    // The tasks below a block: how often they have run when it begins, and what their records
    // weigh.
    struct block_begin {
        execution_counters runs;
        std::int64_t steps = 0;  // of the execution when the block's records were last replaced
        std::size_t bytes = 0;
    };
    block_begin begin_block(const std::string& path);
    // Puts `step` in the place of all records below it.
    void replace_block(block_begin& block, store::step_record step);
    bool is_long(const block_begin& block) const;

    bool stopping() const;
    // As of the end of the last step: the same when the walk is repeated after a restart.
    bool past_deadline() const;
    bool late_now() const { return deadline_ != nullptr && host_.clock.unix_ms() >= deadline_ms(); }
    std::int64_t now_ms() const { return last_step_ms_; }

    execution& run_;
    surroundings& host_;
    scope scope_;
    std::string prefix_;  // of record paths: the calls of functions around
    int attempt_ = 1;
    int tasks_in_a_row_ = 0;
    deadline given_;
    deadline* deadline_ = nullptr;   // null: none
    bool went_on_ = false;           // after a resumption
    std::int64_t last_step_ms_ = 0;  // end of the last step, also of a recorded one
    step_clock step_clock_{*this};
    bool cancelled_ = false;
    call_port::operation running_call_ = 0;
    std::function<void()> cancel_request_;  // of the HTTP request under way; empty without one
    // Ends the pause in progress; empty without one.
    std::function<void(woken)> end_pause_;
    std::vector<walk*> branches_;  // while a fork runs
};

}  // namespace sluice::engine
