#include "engine/engine_testing.hpp"

#include <gtest/gtest.h>

#include <utility>

#include "engine/flaky_store_testing.hpp"
#include "engine/resume_plan.hpp"
#include "json/text.hpp"
#include "manifest/load.hpp"
#include "store/sqlite_store.hpp"

namespace sluice::engine {

void scripted_calls::on(const std::string& function, std::vector<reply> replies) {
    script_[function] = {replies.begin(), replies.end()};
}

std::size_t scripted_calls::count(const std::string& function) const {
    std::size_t found = 0;
    for (const auto& [name, call] : calls_)
        found += name == function ? 1 : 0;
    return found;
}

call_port::operation scripted_calls::start(connector_call call,
                                           std::function<void(connector_reply)> done) {
    const std::string function = call.connector + "." + call.request.action;
    connector_reply answer;
    answer.connector = call.pinned.empty() ? call.connector + ' ' + version : call.pinned;
    calls_.emplace_back(function, std::move(call));
    const operation which = ++last_;
    if (hanging_.contains(function)) {
        open_[which] = std::move(done);
        // As the plugin host does.
        const std::int64_t deadline = calls_.back().second.request.deadline_unix_ms;
        if (deadline > 0) {
            loop_.run_after(deadline - clock_.unix_ms(),
                            [this, which] { end(which, base::error_code::timeout); });
        }
        return which;
    }
    std::deque<reply>& script = script_[function];
    const reply next = !script.empty() ? script.front()
                       : answer_       ? answer_(function, calls_.back().second)
                                       : reply{"{}"};
    if (script.size() > 1) script.pop_front();
    if (next.code == base::error_code::ok) {
        answer.outcome.output_json = next.output_json;
        answer.outcome.output = json::parse(next.output_json).value();
    } else {
        base::error failure = base::make_error(next.code, "scripted failure");
        failure.retry_after_ms = next.retry_after_ms;
        failure.details_json = next.details_json;
        answer.outcome.output_json = std::move(failure);
        answer.outcome.http_status = next.http_status;
    }
    loop_.post([done = std::move(done), answer = std::move(answer)] { done(answer); });
    return which;
}

void scripted_calls::cancel(operation which) {
    cancelled_.push_back(which);
    end(which, base::error_code::cancelled);
}

void scripted_calls::end(operation which, base::error_code code) {
    auto found = open_.extract(which);
    if (found.empty()) return;
    connector_reply answer;
    answer.outcome.output_json = base::make_error(code, "ended");
    loop_.post([done = std::move(found.mapped()), answer = std::move(answer)] { done(answer); });
}

std::uint64_t scripted_http::send(net::client_request request, done finished) {
    requests.push_back(std::move(request));
    const std::uint64_t which = ++last_;
    if (hanging) {
        open_[which] = std::move(finished);
        return which;
    }
    const base::result<net::client_response> next = answer ? answer(requests.back())
                                                    : replies.empty()
                                                        ? net::client_response{200, {}, "", ""}
                                                        : replies.front();
    if (replies.size() > 1) replies.pop_front();
    loop_.post([finished = std::move(finished), next] { finished(next); });
    return which;
}

void scripted_http::release(const base::result<net::client_response>& with) {
    for (auto& [which, finished] : std::exchange(open_, {}))
        loop_.post([finished = std::move(finished), with] { finished(with); });
}

void scripted_http::cancel(std::uint64_t operation) {
    cancelled.push_back(operation);
    auto found = open_.extract(operation);
    if (found.empty()) return;
    loop_.post([finished = std::move(found.mapped())] {
        finished(base::make_error(base::error_code::cancelled, "cancelled"));
    });
}

std::string flow_text(const std::string& tasks, const std::string& keys, const std::string& others,
                      const std::string& uses) {
    return R"(manifest: "1"
dsl: 1.0.3
integration: { namespace: test, name: engine, version: 1.0.0, title: Test }
connectors: { app: "*" }
connections:
  main: { connector: app, type: apiKey }
config:
  limit: { type: number, default: 5 }
  hookSecret: { type: secret, required: false }
)" + (uses.empty() ? "" : "use:\n" + uses) +
           R"(flows:
  f:
    trigger: { webhook: { respond: { mode: accepted } } }
)" + keys + "    do:\n" +
           tasks + others;
}

std::string run_tasks(const std::string& tasks, const std::string& payload_json,
                      const std::string& keys) {
    engine_world world(flow_text(tasks, keys));
    const store::event_id id = world.send("f", payload_json);
    world.run();
    return world.result(id);
}

class engine_world::one_instance final : public flow_source {
  public:
    explicit one_instance(engine_world& world) : world_(world) {}

    base::result<std::shared_ptr<const bound_flow>> find(const std::string& instance,
                                                         const std::string& flow,
                                                         const std::string& version) override {
        auto bound = look_up(instance, flow, version);
        if (bound) return bound;
        return base::make_error(base::error_code::not_found, "not deployed");
    }
    std::shared_ptr<const bound_flow> current(const std::string& instance,
                                              const std::string& flow) const override {
        return look_up(instance, flow, world_.integration_->hash);
    }

  private:
    std::shared_ptr<const bound_flow> look_up(const std::string& instance, const std::string& flow,
                                              const std::string& version) const {
        const auto known = world_.versions_.find(version);
        const manifest::flow* found =
            known == world_.versions_.end() ? nullptr : known->second->find_flow(flow);
        if (found == nullptr || instance != "one") return nullptr;
        auto bound = std::make_shared<bound_flow>(*world_.settings);
        bound->integration = known->second;
        bound->flow = found;
        bound->instance = instance;
        return bound;
    }

    engine_world& world_;
};

engine_world::engine_world(const std::string& manifest, engine_options settings_of_engine)
    : options_(settings_of_engine) {
    deploy(manifest);
    settings->config = json::value::object();
    settings->instance_info = json::value::object({{"id", "one"}});
    flows_ = std::make_unique<one_instance>(*this);
    start();
}

void engine_world::deploy(const std::string& manifest) {
    versions_.clear();
    upgrade(manifest);
}

void engine_world::upgrade(const std::string& manifest) {
    auto loaded = manifest::parse_integration(manifest, "test.yaml");
    for (const base::error& problem : loaded.problems)
        ADD_FAILURE() << problem.to_text();
    if (loaded.content) {
        integration_ = std::make_shared<const manifest::integration>(std::move(*loaded.content));
        versions_[integration_->hash] = integration_;
    }
}

engine_world::~engine_world() {
    if (host) crash();
}

void engine_world::start() {
    store::sqlite_options options;
    options.folder = folder.path() / "data";
    options.clock = &clock;
    options.disk.reserve_bytes = 0;
    options.run_on = &loop;
    options.died_inside = [this] { return died_inside; };
    auto opened = store::open_sqlite_store(std::move(options));
    ASSERT_TRUE(opened) << opened.error_value().to_text();
    store = std::make_unique<flaky_store>(std::move(*opened), loop, disk_fails);
    host =
        std::make_unique<engine>(engine_ports{loop, clock, random, *store, *flows_, calls, ids,
                                              other_http != nullptr ? other_http : &http, nullptr,
                                              [](std::function<void()> work) { work(); }},
                                 options_);
    host->observe_ends([this](store::event_id id, const end_of_execution& end) {
        ends[id] = end;
        ++end_counts[id];
    });
    const base::result<std::size_t> recovered = host->recover();
    ASSERT_TRUE(recovered) << recovered.error_value().to_text();
}

void engine_world::crash() {
    host.reset();
    store.reset();
    loop.clear();
}

store::event_id engine_world::send(const std::string& flow, const std::string& payload_json,
                                   const std::string& lane_key, std::int64_t deadline_ms) {
    store::new_event event;
    event.id = ++last_id_;
    event.instance = "one";
    event.flow = flow;
    event.flow_version = integration_->hash;
    event.kind = "webhook";
    event.lane_key = lane_key;
    event.deadline_ms = deadline_ms;
    event.payload_json = payload_json;
    event.accepted_ms = clock.unix_ms();
    bool stored = false;
    store->append({event}, [&](base::result<std::vector<store::append_outcome>> outcome) {
        stored =
            outcome.has_value() && outcome->front().what == store::append_outcome::kind::stored;
    });
    while (!stored && loop.run_ready() > 0) {
    }
    EXPECT_TRUE(stored);
    host->accept(event, event.id, json::parse(payload_json).value());
    return event.id;
}

store::event_id engine_world::send_at_once(const std::string& flow, const std::string& payload_json,
                                           std::function<void(const end_of_execution&)> done) {
    store::new_event event;
    event.id = ++last_id_;
    event.instance = "one";
    event.flow = flow;
    event.flow_version = integration_->hash;
    event.kind = "webhook";
    event.payload_json = payload_json;
    event.accepted_ms = clock.unix_ms();
    auto bound = flows_->find("one", flow, integration_->hash).value();
    EXPECT_TRUE(host->runs_at_once(*bound, event));
    host->run_at_once(std::move(bound), event, json::parse(payload_json).value(), std::move(done));
    return event.id;
}

base::result<void> engine_world::resume(store::event_id id, bool newest) {
    std::vector<resumption> family;
    std::vector<store::event_id> left = {id};
    while (!left.empty()) {
        const store::execution_detail ended = execution(left.back());
        left.pop_back();
        const store::execution_summary& one = ended.summary;
        if (one.id != id && one.state == store::event_state::succeeded) continue;
        const auto before = flows_->find("one", one.flow, one.flow_version).value();
        const auto after =
            newest ? flows_->find("one", one.flow, integration_->hash).value() : before;
        base::result<resume_plan> plan = plan_resume(ended, *before, *after, clock.unix_ms());
        if (!plan) return plan.error_value();
        resumption made;
        made.event.id = one.id;
        made.event.instance = "one";
        made.event.flow = one.flow;
        made.event.flow_version = after->integration->hash;
        made.event.lane_key = one.lane_key;
        made.event.parent = one.parent;
        made.event.kind = one.kind;
        made.event.resumed_ms = plan->change.at_ms;
        made.change = std::move(plan->change);
        family.push_back(std::move(made));
        left.insert(left.end(), plan->awaited.begin(), plan->awaited.end());
    }
    std::optional<base::result<void>> told;
    host->resume(std::move(family), [&](const base::result<void>& how) { told.emplace(how); });
    while (!told && loop.run_one()) {
    }
    EXPECT_TRUE(told);
    return told ? *told : base::result<void>();
}

bool engine_world::turn() {
    const engine_stats now = host->stats();
    if (now.alive + now.queued + now.parked == 0) return false;
    return loop.run_one() || loop.advance_to_next_timer();
}

bool engine_world::turns(int count) {
    for (int made = 0; made < count; ++made) {
        if (!turn()) return false;
    }
    return true;
}

void engine_world::crash_at(const std::string& hanging) {
    crash();
    calls.answer_from_now_on(hanging);
    start();
    run();
}

std::string engine_world::result(store::event_id id) {
    const store::execution_detail found = execution(id);
    if (found.summary.state == store::event_state::succeeded) return found.output_json;
    if (found.summary.state != store::event_state::failed) {
        return store::to_string(found.summary.state);
    }
    const json::value problem = json::parse(found.summary.error_json).value();
    const std::string type = problem.string_or("type", "");
    return "! " + std::to_string(problem.int_or("status", 0)) + ' ' +
           type.substr(type.rfind('/') + 1) + " at " + problem.string_or("instance", "");
}

void engine_world::run(std::int64_t limit_ms) {
    constexpr std::int64_t step_ms = 100;
    const std::int64_t end = clock.unix_ms() + limit_ms;
    for (;;) {
        while (loop.run_ready() > 0) {
        }
        const engine_stats now = host->stats();
        if (now.alive + now.queued + now.parked == 0 || clock.unix_ms() >= end) return;
        loop.advance_ms(step_ms);
    }
}

store::execution_detail engine_world::execution(store::event_id id) {
    auto found = store->execution(id);
    EXPECT_TRUE(found) << "no execution " << id;
    return found ? std::move(*found) : store::execution_detail{};
}

json::value engine_world::output(store::event_id id) {
    const store::execution_detail found = execution(id);
    EXPECT_EQ(found.summary.state, store::event_state::succeeded) << found.summary.error_json;
    auto content = json::parse(found.output_json);
    return content ? std::move(*content) : json::value();
}

json::value engine_world::error(store::event_id id) {
    const store::execution_detail found = execution(id);
    EXPECT_EQ(found.summary.state, store::event_state::failed) << found.output_json;
    auto content = json::parse(found.summary.error_json);
    return content ? std::move(*content) : json::value();
}

}  // namespace sluice::engine
