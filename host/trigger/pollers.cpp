#include "trigger/pollers.hpp"

#include <algorithm>
#include <functional>
#include <utility>

#include "base/log.hpp"
#include "json/text.hpp"
#include "manifest/poll_flow.hpp"
#include "trigger/event_of.hpp"

namespace sluice::trigger {
namespace {

using flow_ptr = std::shared_ptr<const engine::bound_flow>;

constexpr const char* position_key = "position";
constexpr std::int64_t busy_ms = 1'000;  // the engine or the flow's runs take no more now

// No flow has a dot in its name, so no flow's own state is here.
std::string state_flow(const std::string& flow) { return flow + ".poll"; }

std::string name_of(const std::string& instance, const std::string& flow) {
    return instance + "/" + flow;
}

}  // namespace

struct pollers::poller {
    flow_ptr flow, fetch, acknowledge;  // the last one may be null
    json::value cursor;
    base::event_loop::timer_id timer = 0;
    store::event_id call = 0;  // under way
    std::int64_t asked_ms = 0;
    std::int64_t live = 0;  // runs that have not ended
    int failures = 0;       // in a row
    bool crowded = false;   // waits for runs to end

    const manifest::poll_trigger& rules() const {
        return std::get<manifest::poll_trigger>(flow->flow->trigger);
    }
};

pollers::pollers(poll_ports ports, poll_options options) : ports_(ports), options_(options) {}

pollers::~pollers() { stop(); }

base::result<void> pollers::start(const std::vector<flow_ptr>& flows) {
    std::unordered_map<std::string, flow_ptr> by_name;
    for (const flow_ptr& each : flows)
        by_name.emplace(name_of(each->instance, each->flow->name), each);
    for (const flow_ptr& each : flows) {
        if (!std::holds_alternative<manifest::poll_trigger>(each->flow->trigger)) continue;
        auto made = std::make_unique<poller>();
        made->flow = each;
        const auto part = [&](const std::string& name) {
            const auto found = by_name.find(name_of(each->instance, name));
            return found == by_name.end() ? nullptr : found->second;
        };
        made->fetch = part(manifest::fetch_flow_name(each->flow->name));
        made->acknowledge = part(manifest::acknowledge_flow_name(each->flow->name));
        const auto kept = ports_.store.state_get(each->instance, state_flow(each->flow->name),
                                                 position_key);
        if (!kept) return kept.error_value();
        if (kept->version != 0) {
            base::result<poll_position> read = poll_position::parse(kept->value_json);
            if (!read) return std::move(read).error_value();
            made->cursor = std::move(read->cursor);
        }
        const std::size_t which = all_.size();
        const std::int64_t spread = std::clamp<std::int64_t>(made->rules().pause_ms, 1,
                                                             options_.longest_spread_ms);
        const auto number = std::hash<std::string>()(name_of(each->instance, each->flow->name));
        all_.push_back(std::move(made));
        plan(which, static_cast<std::int64_t>(number % static_cast<std::size_t>(spread)));
    }
    return {};
}

void pollers::plan(std::size_t which, std::int64_t wait_ms) {
    if (stopped_) return;
    all_[which]->timer = ports_.loop.run_after(
        wait_ms, [this, which, alive = std::weak_ptr<bool>(alive_)] {
            if (!alive.expired()) ask(which);
        });
}

void pollers::ask(std::size_t which) {
    poller& of = *all_[which];
    of.timer = 0;
    if (stopped_) return;
    if (of.live >= options_.most_waiting) {
        of.crowded = true;  // on_end() goes on
        return;
    }
    if (calls_ >= options_.calls_at_once) return held_.push_back(which);
    if (of.cursor.is_null() && of.rules().start) {
        const std::vector<expression::binding> variables = {
            {"config", of.flow->config}, {"instance", of.flow->instance_info}};
        expression::budget limits;
        limits.clock = &ports_.clock;
        base::result<json::value> first =
            of.rules().start->evaluate(json::value(), variables, limits);
        if (!first) return failed(which, first.error_value().to_text());
        of.cursor = std::move(*first);
    }
    of.asked_ms = ports_.clock.unix_ms();
    of.call = ports_.engine.run_unrecorded(
        of.fetch, json::value::object({{"cursor", of.cursor}}),
        [this, which, alive = std::weak_ptr<bool>(alive_)](const engine::end_of_execution& end) {
            if (!alive.expired()) answered(which, end);
        });
    if (of.call == 0) return plan(which, busy_ms);
    ++calls_;
    ++stats_.calls;
}

void pollers::release() {
    --calls_;
    if (held_.empty()) return;
    const std::size_t next = held_.front();
    held_.erase(held_.begin());
    ask(next);
}

void pollers::answered(std::size_t which, const engine::end_of_execution& end) {
    poller& of = *all_[which];
    of.call = 0;
    release();
    if (stopped_) return;
    if (end.how != engine::end_of_execution::kind::succeeded) {
        return failed(which, end.error.title + ": " + end.error.detail,
                      end.error.retry_after_ms);
    }
    base::result<poll_reply> found = read_poll_reply(end.output, of.rules().batch);
    if (!found) return failed(which, found.error_value().to_text());
    if (found->payloads.empty()) ++stats_.found_nothing;
    if (found->payloads.empty() && found->cursor == of.cursor) {
        of.failures = 0;
        return plan_next(which, *found);
    }
    write(which, std::move(*found));
}

void pollers::write(std::size_t which, poll_reply found) {
    poller& of = *all_[which];
    std::vector<store::new_event> events;
    std::vector<std::shared_ptr<store::append_outcome>> outcomes;
    std::vector<store::op> ops;
    for (const json::value& payload : found.payloads) {
        incoming one;
        one.flow = of.flow;
        one.payload = payload;
        one.content = payload;
        one.kind = of.rules().drains ? "queue" : "poll";
        base::result<store::new_event> event = event_of(one, ports_.clock, ports_.ids);
        if (!event) return failed(which, "the flow's queue rules: " + event.error_value().to_text());
        outcomes.push_back(std::make_shared<store::append_outcome>());
        ops.emplace_back(store::append_op{*event, ops.empty(), outcomes.back()});
        events.push_back(std::move(*event));
    }
    if (!of.rules().drains) {
        store::state_put_op put;
        put.instance = of.flow->instance;
        put.flow = state_flow(of.flow->flow->name);
        put.key = position_key;
        put.value_json = poll_position{found.cursor}.to_text();
        ops.emplace_back(std::move(put));
    }
    const store::partition_id partition = store::partition_of(of.flow->instance);
    const base::result<store::epoch_number> epoch = ports_.store.acquire(partition);
    if (!epoch) return failed(which, epoch.error_value().to_text());
    ports_.store.commit(
        partition, *epoch, std::move(ops),
        [this, &loop = ports_.loop, alive = std::weak_ptr<bool>(alive_), which,
         found = std::move(found), events = std::move(events),
         outcomes = std::move(outcomes)](base::result<store::commit_outcome> outcome) mutable {
            loop.post([this, alive = std::move(alive), which, found = std::move(found),
                       events = std::move(events), outcomes = std::move(outcomes),
                       outcome = std::move(outcome)]() mutable {
                if (alive.expired()) return;
                written(which, found, std::move(events), outcomes, outcome);
            });
        });
}

void pollers::written(std::size_t which, const poll_reply& found,
                      std::vector<store::new_event> events,
                      const std::vector<std::shared_ptr<store::append_outcome>>& outcomes,
                      const base::result<store::commit_outcome>& outcome) {
    poller& of = *all_[which];
    if (!outcome || *outcome != store::commit_outcome::committed) {
        return failed(which, "what it found could not be kept: " +
                                 (outcome ? "another owner" : outcome.error_value().to_text()));
    }
    of.cursor = found.cursor;
    of.failures = 0;
    for (std::size_t i = 0; i < events.size(); ++i) {
        if (outcomes[i]->what == store::append_outcome::kind::duplicate) {
            ++stats_.duplicates;
            continue;
        }
        ++stats_.events;
        ++of.live;
        runs_.emplace(events[i].id, which);
        ports_.engine.accept(events[i], events[i].id, found.payloads[i]);
    }
    if (of.acknowledge && found.items.size() > 0) return acknowledge(which, found);
    plan_next(which, found);
}

// Messages that are not acknowledged come again: their queue knows nothing of what is kept here.
void pollers::acknowledge(std::size_t which, const poll_reply& found) {
    if (stopped_) return;
    poller& of = *all_[which];
    of.call = ports_.engine.run_unrecorded(
        of.acknowledge, json::value::object({{"items", found.items}}),
        [this, which, found,
         alive = std::weak_ptr<bool>(alive_)](const engine::end_of_execution& end) {
            if (alive.expired()) return;
            all_[which]->call = 0;
            release();
            if (end.how == engine::end_of_execution::kind::succeeded) {
                return plan_next(which, found);
            }
            failed(which, "not acknowledged: " + end.error.title + ": " + end.error.detail);
        });
    if (of.call == 0) return failed(which, "not acknowledged: the host is busy");
    ++calls_;
}

void pollers::plan_next(std::size_t which, const poll_reply& found) {
    poller& of = *all_[which];
    const bool at_once = !found.payloads.empty() && (found.more || of.rules().drains);
    if (at_once) return plan(which, 0);
    const std::int64_t passed = of.rules().drains ? 0 : ports_.clock.unix_ms() - of.asked_ms;
    plan(which, std::max<std::int64_t>(0, of.rules().pause_ms - std::max<std::int64_t>(0, passed)));
}

void pollers::failed(std::size_t which, const std::string& why, std::int64_t asked_ms) {
    if (stopped_) return;
    poller& of = *all_[which];
    ++stats_.failed;
    ++of.failures;
    const std::int64_t wait = wait_after_failures(of.rules().pause_ms, of.failures - 1, asked_ms);
    base::log(base::log_level::warning, "a trigger could not ask for what is new",
              {{"instance", of.flow->instance},
               {"flow", of.flow->flow->name},
               {"failures", std::to_string(of.failures)},
               {"again_in_ms", std::to_string(wait)},
               {"why", why}});
    plan(which, wait);
}

void pollers::on_end(store::event_id id) {
    const auto run = runs_.find(id);
    if (run == runs_.end()) return;
    const std::size_t which = run->second;
    runs_.erase(run);
    poller& of = *all_[which];
    --of.live;
    if (!of.crowded || of.live >= options_.most_waiting) return;
    of.crowded = false;
    plan(which, 0);
}

void pollers::stop() {
    stopped_ = true;
    held_.clear();
    for (const auto& one : all_) {
        if (one->timer != 0) ports_.loop.cancel(one->timer);
        one->timer = 0;
        if (one->call != 0) ports_.engine.cancel(one->call);
    }
}

}  // namespace sluice::trigger
