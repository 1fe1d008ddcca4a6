#include "trigger/schedules.hpp"

#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "json/text.hpp"

namespace sluice::trigger {
namespace {

using overlap_rule = manifest::schedule_trigger::overlap_rule;

constexpr const char* position_key = "position";
// The wall clock may be set while the one timer sleeps: it is looked at this often.
constexpr std::int64_t longest_sleep_ms = 60'000;
constexpr std::int64_t retry_ms = 5'000;
constexpr std::size_t most_per_turn = 256;  // others want the loop, too
constexpr std::size_t most_writing = 4096;
constexpr std::int64_t most_waiting = 100;  // runs of one schedule with overlap: queue
constexpr std::int64_t not_missed_ms = 60'000;

std::string name_of(const std::string& instance, const std::string& flow) {
    return instance + "/" + flow;
}

// No flow has a dot in its name, so no flow's own state is here.
std::string state_flow(const std::string& flow) { return flow + ".schedule"; }

}  // namespace

struct schedules::schedule {
    std::shared_ptr<const engine::bound_flow> flow;
    schedule_rule rule;
    schedule_position position;
    std::int64_t due_ms = 0;  // planned, nominal; 0: waits for a run's end, or is being written
    std::int64_t live = 0;    // runs that have not ended
    bool resting = false;     // its flow is not there at the moment
    bool writing = false;     // a tick is on its way to the store
    std::uint64_t plan = 0;   // counts the plans: the last one counts

    const std::string& instance() const { return flow->instance; }
    const std::string& name() const { return flow->flow->name; }
    bool counts_from_end() const { return rule.trigger.after_ms > 0; }
};

schedules::schedules(schedule_ports ports) : ports_(std::move(ports)) {}

schedules::~schedules() { stop(); }

base::result<void> schedules::start(
    const std::vector<std::shared_ptr<const engine::bound_flow>>& flows, const live_runs& live) {
    const base::result<schedule_positions> kept = read(ports_.store, flows);
    if (!kept) return kept.error_value();
    for (const auto& flow : flows) {
        base::result<schedule*> made = add(flow, *kept);
        if (!made) return std::move(made).error_value();
    }
    for (const live_run& run : live) {
        const auto which = by_flow_.find(name_of(run.instance, run.flow));
        if (which == by_flow_.end()) continue;
        runs_.emplace(run.id, which->second);
        ++all_[which->second]->live;
    }
    std::vector<schedule*> fresh;
    for (const auto& one : all_) {
        if (take_rule(*one)) fresh.push_back(one.get());
        if (base::result<void> read = wait_from_last_end(*one); !read) return read;
    }
    write_fresh(fresh);
    for (std::size_t i = 0; i < all_.size(); ++i)
        plan(i);
    arm();
    return {};
}

base::result<schedule_positions> schedules::read(
    store::store& from, const std::vector<std::shared_ptr<const engine::bound_flow>>& flows) {
    schedule_positions out;
    for (const auto& flow : flows) {
        if (!std::holds_alternative<manifest::schedule_trigger>(flow->flow->trigger)) continue;
        const std::string& name = flow->flow->name;
        const auto kept = from.state_get(flow->instance, state_flow(name), position_key);
        if (!kept) return kept.error_value();
        if (kept->version == 0) continue;
        base::result<schedule_position> position = schedule_position::parse(kept->value_json);
        if (!position) return std::move(position).error_value();
        out.emplace(std::pair(flow->instance, name), std::move(*position));
    }
    return out;
}

// Null: the flow has no schedule.
base::result<schedules::schedule*> schedules::add(
    const std::shared_ptr<const engine::bound_flow>& flow, const schedule_positions& kept) {
    base::result<std::optional<schedule_rule>> rule = schedule_rule_of(*flow);
    if (!rule) return std::move(rule).error_value();
    if (!*rule) return nullptr;
    const auto held = epoch(store::partition_of(flow->instance));
    if (!held) return held.error_value();
    const std::string& name = flow->flow->name;
    const auto [known, fresh] = by_flow_.try_emplace(name_of(flow->instance, name), all_.size());
    if (fresh) {
        all_.push_back(std::make_unique<schedule>());
        const auto position = kept.find(std::pair(flow->instance, name));
        if (position != kept.end()) all_.back()->position = position->second;
    }
    schedule& of = *all_[known->second];
    of.flow = flow;
    of.rule = std::move(**rule);
    of.resting = false;
    return &of;
}

// True: it is new, or has other times now; those of the old rule are nobody's any more.
bool schedules::take_rule(schedule& of) {
    if (of.position.rule == of.rule.text) return false;
    const std::int64_t now = ports_.clock.unix_ms();
    of.position.rule = of.rule.text;
    of.position.anchor_ms = now;
    of.position.nominal_ms = std::max(of.position.nominal_ms, now);
    of.position.run = 0;
    return true;
}

base::result<void> schedules::wait_from_last_end(schedule& of) {
    if (!of.counts_from_end() || of.live > 0) return {};
    std::int64_t from = of.position.nominal_ms;
    if (of.position.run != 0) {
        const auto run = ports_.store.execution(of.position.run);
        if (run) from = run->summary.ended_ms;
        if (!run && run.error_value().code != base::error_code::not_found) return run.error_value();
    }
    of.due_ms = from + of.rule.trigger.after_ms;
    return {};
}

void schedules::replace(const std::vector<std::string>& instances,
                        const std::vector<std::shared_ptr<const engine::bound_flow>>& flows,
                        const schedule_positions& kept) {
    for (const std::string& instance : instances) {
        const std::string start = instance + "/";
        for (auto one = by_flow_.lower_bound(start);
             one != by_flow_.end() && one->first.starts_with(start); ++one) {
            all_[one->second]->resting = true;
        }
    }
    std::vector<schedule*> fresh;
    for (const auto& flow : flows) {
        const std::size_t before = all_.size();
        base::result<schedule*> made = add(flow, kept);
        if (!made) {
            base::log(base::log_level::error, "a schedule cannot be followed",
                      {{"instance", flow->instance},
                       {"flow", flow->flow->name},
                       {"why", made.error_value().to_text()}});
            continue;
        }
        if (*made == nullptr) continue;
        schedule& of = **made;
        const bool other_times = take_rule(of);
        if (other_times) fresh.push_back(&of);
        const bool from_now = other_times || all_.size() > before;
        if (of.counts_from_end() && from_now) {
            of.due_ms = of.live > 0 ? 0 : ports_.clock.unix_ms() + of.rule.trigger.after_ms;
        }
        plan(by_flow_.find(name_of(of.instance(), of.name()))->second);
    }
    write_fresh(fresh);
    arm();
}

base::result<store::epoch_number> schedules::epoch(store::partition_id partition) {
    const auto known = epochs_.find(partition);
    if (known != epochs_.end()) return known->second;
    base::result<store::epoch_number> got = ports_.store.acquire(partition);
    if (got) epochs_.emplace(partition, *got);
    return got;
}

// Not waited for: a crash before it is on disk leaves a schedule that has never ticked.
void schedules::write_fresh(const std::vector<schedule*>& fresh) {
    std::unordered_map<store::partition_id, std::vector<store::op>> of_partition;
    for (const schedule* one : fresh) {
        store::state_put_op put;
        put.instance = one->instance();
        put.flow = state_flow(one->name());
        put.key = position_key;
        put.value_json = one->position.to_text();
        of_partition[store::partition_of(one->instance())].emplace_back(std::move(put));
    }
    for (auto& [partition, ops] : of_partition) {
        ports_.store.commit(partition, epochs_.at(partition), std::move(ops),
                            [](const base::result<store::commit_outcome>& outcome) {
                                if (outcome) return;
                                base::log(base::log_level::warning, "new schedules are not kept",
                                          {{"why", outcome.error_value().to_text()}});
                            });
    }
}

void schedules::plan(std::size_t which) {
    schedule& of = *all_[which];
    ++of.plan;
    if (of.resting || of.writing) return;
    if (!of.counts_from_end()) {
        const auto next = tick_after(of.rule, of.position, of.position.nominal_ms);
        if (!next) {
            base::log(base::log_level::warning, "a schedule never comes",
                      {{"instance", of.instance()}, {"flow", of.name()}, {"rule", of.rule.text}});
        }
        of.due_ms = next ? *next : 0;
    }
    if (of.due_ms != 0) heap_.push({of.due_ms, which, of.plan});
}

void schedules::arm() {
    if (timer_ != 0) ports_.loop.cancel(timer_);
    timer_ = 0;
    if (stopped_ || heap_.empty() || writing_ >= most_writing) return;
    const std::int64_t wait = heap_.top().at_ms - ports_.clock.unix_ms();
    timer_ = ports_.loop.run_after(std::clamp<std::int64_t>(wait, 0, longest_sleep_ms),
                                   [this, alive = std::weak_ptr<bool>(alive_)] {
                                       if (!alive.expired()) run_due();
                                   });
}

void schedules::run_due() {
    timer_ = 0;
    if (stopped_) return;
    const std::int64_t now = ports_.clock.unix_ms();
    for (std::size_t n = 0; n < most_per_turn && writing_ < most_writing; ++n) {
        if (heap_.empty() || heap_.top().at_ms > now) break;
        const wake next = heap_.top();
        heap_.pop();
        const schedule& of = *all_[next.which];
        if (!of.resting && next.plan == of.plan) tick(next.which);
    }
    arm();
}

void schedules::tick(std::size_t which) {
    schedule& of = *all_[which];
    schedule_position next = of.position;
    const std::int64_t now = ports_.clock.unix_ms();
    due_ticks due;
    if (of.counts_from_end()) {
        due.fire = {of.due_ms};
        due.newest_ms = of.due_ms;
    } else {
        base::result<due_ticks> found = ticks_due(of.rule, of.position, now);
        if (found) due = std::move(*found);
        if (due.newest_ms == 0) return plan(which);
    }
    const std::int64_t late = now - due.newest_ms;
    if (late <= not_missed_ms) {
        stats_.last_late_ms = late;
        stats_.most_late_ms = std::max(stats_.most_late_ms, late);
    }
    const overlap_rule rule = of.rule.trigger.overlap;
    std::int64_t room = static_cast<std::int64_t>(due.fire.size());
    if (rule == overlap_rule::skip && of.live > 0) room = 0;
    if (rule == overlap_rule::queue) {
        room = std::clamp<std::int64_t>(most_waiting - of.live, 0, room);
    }
    const auto overlapped =
        static_cast<std::uint64_t>(due.fire.size()) - static_cast<std::uint64_t>(room);
    due.fire.resize(static_cast<std::size_t>(room));
    next.nominal_ms = due.newest_ms;
    next.skipped += static_cast<std::int64_t>(due.missed + overlapped);
    stats_.missed += due.missed;
    stats_.overlapped += overlapped;
    if (due.missed + overlapped > 0) {
        base::log(base::log_level::warning, "a schedule leaves out times",
                  {{"instance", of.instance()},
                   {"flow", of.name()},
                   {"up_to", base::to_rfc3339(due.newest_ms)},
                   {"missed", std::to_string(due.missed)},
                   {"run_before_goes_on", std::to_string(overlapped)}});
    }
    write(which, std::move(next), std::move(due.fire), due.missed);
}

void schedules::write(std::size_t which, schedule_position next, std::vector<std::int64_t> nominal,
                      std::uint64_t missed) {
    schedule& of = *all_[which];
    std::vector<store::new_event> events;
    std::vector<store::op> ops;
    for (const std::int64_t at : nominal) {
        store::new_event event;
        event.id = ports_.ids.next();
        event.instance = of.instance();
        event.flow = of.name();
        event.flow_version = of.flow->integration->hash;
        event.kind = "schedule";
        if (of.rule.trigger.overlap == overlap_rule::queue) event.lane_key = "schedule";
        json::value payload = json::value::object(
            {{"nominal", base::to_rfc3339(at)}, {"missed", static_cast<std::int64_t>(missed)}});
        if (of.rule.zone) payload.set("local", base::to_local_rfc3339(at, *of.rule.zone));
        if (!of.rule.zone_name.empty()) payload.set("timezone", of.rule.zone_name);
        event.payload_json = json::to_text(payload);
        event.accepted_ms = ports_.clock.unix_ms();
        next.run = event.id;
        events.push_back(event);
        ops.emplace_back(store::append_op{std::move(event)});
    }
    store::state_put_op put;
    put.instance = of.instance();
    put.flow = state_flow(of.name());
    put.key = position_key;
    put.value_json = next.to_text();
    ops.emplace_back(std::move(put));
    const store::partition_id partition = store::partition_of(of.instance());
    ++writing_;
    of.writing = true;
    ports_.store.commit(
        partition, epochs_.at(partition), std::move(ops),
        [this, &loop = ports_.loop, alive = std::weak_ptr<bool>(alive_), which,
         next = std::move(next),
         events = std::move(events)](base::result<store::commit_outcome> outcome) mutable {
            loop.post([this, alive = std::move(alive), which, next = std::move(next),
                       events = std::move(events), outcome = std::move(outcome)]() mutable {
                if (alive.expired()) return;
                written(which, std::move(next), std::move(events), outcome);
            });
        });
}

void schedules::written(std::size_t which, schedule_position next,
                        std::vector<store::new_event> events,
                        const base::result<store::commit_outcome>& outcome) {
    --writing_;
    schedule& of = *all_[which];
    of.writing = false;
    // It may have got other times meanwhile, with a place in time of their own.
    const bool same_rule = next.rule == of.rule.text;
    if (!outcome || *outcome != store::commit_outcome::committed) {
        base::log(base::log_level::warning, "a tick could not be kept; it is tried again",
                  {{"instance", of.instance()},
                   {"flow", of.name()},
                   {"why", outcome ? "another owner" : outcome.error_value().to_text()}});
        if (same_rule) {
            heap_.push({ports_.clock.unix_ms() + retry_ms, which, ++of.plan});
        } else {
            plan(which);
        }
        return arm();
    }
    if (same_rule) of.position = std::move(next);
    if (stopped_) return;
    if (of.counts_from_end() && (same_rule || !events.empty())) of.due_ms = 0;
    for (const store::new_event& event : events) {
        runs_.emplace(event.id, which);
        ++of.live;
        ++stats_.fired;
    }
    plan(which);
    arm();
    for (const store::new_event& event : events) {
        if (auto payload = json::parse(event.payload_json)) {
            ports_.accept(event, std::move(*payload));
        }
    }
}

void schedules::on_end(store::event_id id) {
    const auto run = runs_.find(id);
    if (run == runs_.end()) return;
    const std::size_t which = run->second;
    runs_.erase(run);
    schedule& of = *all_[which];
    --of.live;
    if (!of.counts_from_end() || of.live > 0) return;
    of.due_ms = ports_.clock.unix_ms() + of.rule.trigger.after_ms;
    plan(which);
    arm();
}

void schedules::stop() {
    stopped_ = true;
    if (timer_ != 0) ports_.loop.cancel(timer_);
    timer_ = 0;
}

std::vector<planned_tick> schedules::planned() const {
    std::vector<planned_tick> out;
    for (const auto& one : all_) {
        if (one->due_ms != 0 && !one->resting)
            out.push_back({one->instance(), one->name(), one->due_ms});
    }
    std::stable_sort(out.begin(), out.end(),
                     [](const auto& a, const auto& b) { return a.at_ms < b.at_ms; });
    return out;
}

}  // namespace sluice::trigger
