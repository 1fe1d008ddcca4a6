#include "engine/offline.hpp"

#include <utility>

#include "engine/store_signals.hpp"

namespace sluice::engine {

offline_engine::offline_engine(base::event_loop& loop, base::clock& clock,
                               base::random_source& random, call_port& calls)
    : host_(loop, clock, random, calls) {
    host_.children = this;
    host_.signals = this;
    host_.memory_state = &state_;
}

offline_engine::~offline_engine() = default;

store::event_id offline_engine::run(std::shared_ptr<const bound_flow> flow, json::value payload,
                                    end_function done) {
    start_of_execution begin;
    begin.id = ++last_id_;
    begin.flow = std::move(flow);
    begin.payload = std::move(payload);
    begin.accepted_ms = host_.clock.unix_ms();
    const store::event_id id = begin.id;
    execution& run =
        *running_.emplace(id, std::make_unique<execution>(host_, std::move(begin))).first->second;
    host_.loop.post([this, id, &run, done = std::move(done)] {
        run.run([this, id, done](end_of_execution end) {
            running_.erase(id);
            host_.calls.forget(id);
            auto waiting = waiting_.extract(id);
            ended_[id] = end;
            if (!waiting.empty()) {
                for (auto& one : waiting.mapped())
                    one(end);
            }
            if (done) done(end);
        });
    });
    return id;
}

void offline_engine::put_state(const bound_flow& flow, const std::string& key,
                               json::value content) {
    state_[flow.instance + '\0' + flow.flow->name + '\0' + key] = std::move(content);
}

void offline_engine::start(request what, journal&, const noted& note, begun started) {
    const bound_flow& from = *what.parent->flow;
    base::result<store::event_id> answer = store::event_id{0};
    auto flow = std::make_shared<bound_flow>(from);
    flow->flow = from.integration->find_flow(what.flow);
    if (flow->flow == nullptr) {
        answer = base::make_error(base::error_code::not_found,
                                  "there is no flow \"" + what.flow + "\" in this integration");
    } else {
        answer = run(std::move(flow), std::move(what.input), {});
        note(*answer);
    }
    host_.loop.post(
        [started = std::move(started), answer = std::move(answer)] { started(answer); });
}

void offline_engine::await_end(store::event_id child, std::function<void(end_of_execution)> ended) {
    if (const auto found = ended_.find(child); found != ended_.end()) {
        host_.loop.post([ended = std::move(ended), end = found->second] { ended(end); });
        return;
    }
    waiting_[child].push_back(std::move(ended));
}

void offline_engine::cancel(store::event_id child) {
    if (const auto found = running_.find(child); found != running_.end()) found->second->cancel();
}

void offline_engine::emit(const start_of_execution& from, const json::value& event, journal&) {
    signals_.push_back({static_cast<std::int64_t>(signals_.size()) + 1, event});
    for (const manifest::flow& sibling : from.flow->integration->flows) {
        if (!is_started_by(sibling, *from.flow, event, host_.clock)) continue;
        auto flow = std::make_shared<bound_flow>(*from.flow);
        flow->flow = &sibling;
        run(std::move(flow), event, {});
    }
    const auto told = listeners_;
    for (const auto& [id, notify] : told)
        notify();
}

void offline_engine::newest(const std::string&,
                            std::function<void(base::result<std::int64_t>)> done) {
    host_.loop.post([done = std::move(done), number = static_cast<std::int64_t>(signals_.size())] {
        done(number);
    });
}

void offline_engine::read(const std::string&, std::int64_t after, int limit,
                          std::function<void(base::result<std::vector<signal>>)> done) {
    std::vector<signal> found;
    for (auto i = static_cast<std::size_t>(after); i < signals_.size(); ++i) {
        if (found.size() == static_cast<std::size_t>(limit)) break;
        found.push_back(signals_[i]);
    }
    host_.loop.post([done = std::move(done), found = std::move(found)] { done(found); });
}

signal_log::listener_id offline_engine::listen(const std::string&, std::int64_t after,
                                               std::function<void()> notify) {
    const listener_id id = ++last_listener_;
    if (static_cast<std::int64_t>(signals_.size()) > after) host_.loop.post(notify);
    listeners_[id] = std::move(notify);
    return id;
}

}  // namespace sluice::engine
