// A whole engine under a test's control: fake time, scripted connectors, a real store whose writer
// runs on the fake loop.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/base_testing.hpp"
#include "base/manual_loop.hpp"
#include "engine/engine.hpp"

namespace sluice::engine {

// Answers calls from a script and remembers them.
class scripted_calls final : public call_port {
  public:
    scripted_calls(base::event_loop& loop, base::clock& clock) : loop_(loop), clock_(clock) {}

    struct reply {
        std::string output_json;
        base::error_code code = base::error_code::ok;  // not ok: fails
        int http_status = 0;
        std::int64_t retry_after_ms = 0;
        std::string details_json = {};
    };
    // Replies of "connector.action", in turn; the last one stays. Without any: {}.
    void on(const std::string& function, std::vector<reply> replies);
    // What all calls without a script are answered with.
    void answer_with(std::function<reply(const std::string& function, const connector_call&)> how) {
        answer_ = std::move(how);
    }
    // Calls of it are started and not answered, until they are cancelled or come to their deadline.
    void hang(const std::string& function) { hanging_.insert({function, true}); }
    void answer_from_now_on(const std::string& function) { hanging_.erase(function); }

    // Of all connectors, from now on: the one that is chosen when nothing is pinned.
    std::string version = "1.0.0";

    std::string version_for(const std::string& connector,
                            const manifest::version_constraint*) override {
        return connector + ' ' + version;
    }
    operation start(connector_call call, std::function<void(connector_reply)> done) override;
    void cancel(operation which) override;
    void forget(store::event_id) override {}
    void drop(store::event_id) override { ++dropped; }
    int dropped = 0;  // executions of which nothing is kept, and which are over

    const std::vector<std::pair<std::string, connector_call>>& calls() const { return calls_; }
    std::size_t count(const std::string& function) const;
    const std::vector<operation>& cancelled() const { return cancelled_; }

  private:
    void end(operation which, base::error_code code);

    base::event_loop& loop_;
    base::clock& clock_;
    std::vector<operation> cancelled_;
    std::map<std::string, std::deque<reply>> script_;
    std::function<reply(const std::string&, const connector_call&)> answer_;
    std::map<std::string, bool> hanging_;
    std::map<operation, std::function<void(connector_reply)>> open_;
    std::vector<std::pair<std::string, connector_call>> calls_;
    operation last_ = 0;
};

// Answers requests from a script and remembers them.
class scripted_http final : public plugin::http_port {
  public:
    explicit scripted_http(base::event_loop& loop) : loop_(loop) {}
    // In turn; the last one stays.
    std::deque<base::result<net::client_response>> replies;
    // Answers instead of `replies`, when it is set.
    std::function<base::result<net::client_response>(const net::client_request&)> answer;
    std::vector<net::client_request> requests;
    bool hanging = false;  // nothing is answered ...
    // ... until this answers all that hang.
    void release(const base::result<net::client_response>& with);
    std::vector<std::uint64_t> cancelled;

    std::uint64_t send(net::client_request request, done finished) override;
    void cancel(std::uint64_t operation) override;

  private:
    base::event_loop& loop_;
    std::map<std::uint64_t, done> open_;
    std::uint64_t last_ = 0;
};

// A manifest with a flow "f" of these tasks (YAML, indented by six). `keys` are further keys of the
// flow (indented by four), `others` further flows (by two), `uses` stands below `use` (by two).
std::string flow_text(const std::string& tasks, const std::string& keys = {},
                      const std::string& others = {}, const std::string& uses = {});

// One integration with one instance "one", from manifest text. crash() loses everything but the
// store, as a killed process would.
class engine_world {
  public:
    explicit engine_world(const std::string& manifest, engine_options settings_of_engine = {});
    ~engine_world();

    // Stores an event of `flow` and queues it. Returns its id.
    store::event_id send(const std::string& flow, const std::string& payload_json,
                         const std::string& lane_key = {}, std::int64_t deadline_ms = 0);
    // An event that becomes durable together with what comes of it; `done` as the engine tells it.
    store::event_id send_at_once(const std::string& flow, const std::string& payload_json,
                                 std::function<void(const end_of_execution&)> done);
    // One thing that is ready, or else the next timer. False: nothing is left to do.
    bool turn();
    // Runs what is ready, then every timer in order, until nothing is left or `limit_ms` of fake
    // time have passed.
    void run(std::int64_t limit_ms = 3'600'000);
    void run_ready() { loop.run_ready(); }
    // So many turns. False: there were not that many.
    bool turns(int count);
    // The process dies while a call of this function hangs; the next one answers it and runs to the
    // end.
    void crash_at(const std::string& hanging);
    void crash();
    void start();  // after crash(), also picks up what was left
    // What start() deploys from now on.
    void deploy(const std::string& manifest);
    // The same without a crash: what is sent from now on runs in it, the rest as it began.
    void upgrade(const std::string& manifest);
    // Resumes an execution and those that it waits for; in the newest version if asked. What became
    // of it, as far as it went without running.
    base::result<void> resume(store::event_id id, bool newest = false);

    store::execution_detail execution(store::event_id id);
    // What the flow put out; fails the test unless it succeeded.
    json::value output(store::event_id id);
    json::value error(store::event_id id);
    // "! status type at instance" of a failed one, "cancelled", else the output as text.
    std::string result(store::event_id id);

    base::temporary_folder folder;
    base::manual_clock clock;
    base::manual_loop loop{clock};
    base::seeded_random random{7};
    scripted_calls calls{loop, clock};
    base::id_generator ids{clock, random};
    scripted_http http{loop};
    plugin::http_port* other_http = nullptr;  // from the next start() on, instead of `http`
    std::vector<store::death> died_inside;    // what start() tells the store of the last crash
    bool disk_fails = false;                  // the store takes no changes
    std::shared_ptr<bound_flow> settings = std::make_shared<bound_flow>();  // config, secrets, ...
    std::unique_ptr<store::store> store;
    std::unique_ptr<engine> host;
    std::map<store::event_id, end_of_execution> ends;
    std::map<store::event_id, int> end_counts;  // how often each end was told

    const std::vector<std::pair<std::string, connector_call>>& made() const {
        return calls.calls();
    }

  private:
    class one_instance;
    engine_options options_;
    std::shared_ptr<const manifest::integration> integration_;
    std::map<std::string, std::shared_ptr<const manifest::integration>> versions_;  // by hash
    std::unique_ptr<one_instance> flows_;
    store::event_id last_id_ = 0;
};

// The result of one event of flow "f", run to its end.
std::string run_tasks(const std::string& tasks, const std::string& payload_json = "{}",
                      const std::string& keys = {});

}  // namespace sluice::engine
