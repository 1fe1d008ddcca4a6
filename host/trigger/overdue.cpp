#include "trigger/overdue.hpp"

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

#include "base/log.hpp"
#include "engine/alerts.hpp"

namespace sluice::trigger {
namespace {

// The wall clock may be set while the timer sleeps: it is looked at this often.
constexpr std::int64_t longest_sleep_ms = 60'000;
// A host that was down gives what is due now so much time to run.
constexpr std::int64_t grace_ms = 60'000;
constexpr std::int64_t retry_ms = 5'000;

}  // namespace

std::vector<overdue::waiting> overdue::alerts_of(const engine::bound_flow& flow) {
    std::vector<waiting> out;
    for (const manifest::alert& rule : flow.integration->alerts) {
        if (rule.on != manifest::alert::condition::overdue) continue;
        if (!rule.watches(flow.flow->name)) continue;
        waiting one;
        one.rule = &rule;
        out.push_back(one);
    }
    return out;
}

std::int64_t overdue::due(const tracked& of, const waiting& one) {
    return std::max(of.success_ms + one.rule->after_ms, one.not_before_ms);
}

base::result<void> overdue::start(const flow_list& flows, const std::vector<std::string>& raised) {
    const std::int64_t now = ports_.clock.unix_ms();
    for (const auto& flow : flows) {
        tracked of;
        of.alerts = alerts_of(*flow);
        const std::string& name = flow->flow->name;
        const auto last = engine::last_success(ports_.store, flow->instance, name);
        if (!last) return last.error_value();
        if (of.alerts.empty()) {
            // Should somebody wait for it again some day, then from that day on.
            if (*last != 0) put(engine::forget_success(flow->instance, name));
            continue;
        }
        // In the future: the clock has been set back.
        of.success_ms = *last == 0 ? now : std::min(*last, now);
        if (*last == 0) put(engine::note_success(flow->instance, name, now));
        for (waiting& one : of.alerts) {
            const std::string key = engine::alert_key(flow->instance, one.rule->name, name);
            one.raised = std::ranges::find(raised, key) != raised.end();
            one.not_before_ms = now + std::min(grace_ms, one.rule->after_ms);
        }
        of.flow = flow;
        all_.insert_or_assign(name_of(flow->instance, name), std::move(of));
    }
    arm();
    return {};
}

void overdue::replace(const std::vector<std::string>& instances, const flow_list& flows) {
    const std::int64_t now = ports_.clock.unix_ms();
    std::set<std::string> gone;
    for (const std::string& instance : instances) {
        const std::string start = instance + '/';
        for (auto one = all_.lower_bound(start); one != all_.end() && one->first.starts_with(start);
             ++one) {
            gone.insert(one->first);
        }
    }
    for (const auto& flow : flows) {
        std::vector<waiting> alerts = alerts_of(*flow);
        if (alerts.empty()) continue;
        const std::string name = name_of(flow->instance, flow->flow->name);
        gone.erase(name);
        const auto [found, fresh] = all_.try_emplace(name);
        tracked& of = found->second;
        if (fresh) {
            of.success_ms = now;
            put(engine::note_success(flow->instance, flow->flow->name, now));
        }
        for (waiting& one : alerts) {
            one.not_before_ms = now + one.rule->after_ms;
            for (const waiting& before : of.alerts) {
                if (before.rule->name != one.rule->name) continue;
                one.raised = before.raised;
                one.not_before_ms = before.not_before_ms;
            }
        }
        of.alerts = std::move(alerts);
        of.flow = flow;
    }
    for (const std::string& name : gone) {
        const tracked& of = all_.at(name);
        for (const waiting& one : of.alerts) {
            if (one.raised) forget(of, one);
        }
        put(engine::forget_success(of.flow->instance, of.flow->flow->name));
        all_.erase(name);
    }
    arm();
}

// Not waited for: after a crash before it is on disk the waiting begins with the next start.
void overdue::put(const store::state_put_op& change) {
    const store::partition_id partition = store::partition_of(change.instance);
    const base::result<store::epoch_number> epoch = ports_.store.acquire(partition);
    const auto note = [](const base::result<store::commit_outcome>& outcome) {
        if (outcome) return;
        base::log(base::log_level::warning, "since when a flow is waited for is not kept",
                  {{"why", outcome.error_value().to_text()}});
    };
    if (!epoch) return note(epoch.error_value());
    std::vector<store::op> batch;
    batch.emplace_back(change);
    ports_.store.commit(partition, *epoch, std::move(batch), note);
}

void overdue::on_success(const std::string& instance, const std::string& flow) {
    if (all_.empty()) return;
    const auto found = all_.find(name_of(instance, flow));
    if (found == all_.end()) return;
    tracked& of = found->second;
    of.success_ms = ports_.clock.unix_ms();
    for (waiting& one : of.alerts) {
        if (!std::exchange(one.raised, false)) continue;
        // Its end has cleared the alert, unless it reached the store before the alert did.
        engine::alert_news news;
        news.about = flow;
        const std::string key = engine::alert_key(instance, one.rule->name, flow);
        if (!ports_.writer.may_be_raised(key)) continue;
        ports_.writer.write(
            engine::change_alert(*of.flow, *one.rule, false, news, ports_.clock, ports_.ids),
            [](const base::result<void>&) {});
    }
    // Nothing comes earlier by this: a timer that runs is early enough.
    if (timer_ == 0) arm();
}

void overdue::arm() {
    if (timer_ != 0) ports_.loop.cancel(timer_);
    timer_ = 0;
    std::int64_t next = std::numeric_limits<std::int64_t>::max();
    for (const auto& [name, of] : all_) {
        for (const waiting& one : of.alerts) {
            if (!one.raised) next = std::min(next, due(of, one));
        }
    }
    if (stopped_ || next == std::numeric_limits<std::int64_t>::max()) return;
    const std::int64_t wait = next - ports_.clock.unix_ms();
    timer_ = ports_.loop.run_after(std::clamp<std::int64_t>(wait, 0, longest_sleep_ms),
                                   [this, alive = std::weak_ptr<bool>(alive_)] {
                                       if (!alive.expired()) look();
                                   });
}

void overdue::look() {
    timer_ = 0;
    if (stopped_) return;
    const std::int64_t now = ports_.clock.unix_ms();
    for (auto& [name, of] : all_) {
        of.success_ms = std::min(of.success_ms, now);
        for (waiting& one : of.alerts) {
            one.not_before_ms = std::min(one.not_before_ms, now + one.rule->after_ms);
            if (!one.raised && due(of, one) <= now) raise(name, of, one);
        }
    }
    arm();
}

void overdue::raise(const std::string& name, tracked& of, waiting& one) {
    one.raised = true;
    engine::alert_news news;
    news.about = of.flow->flow->name;
    news.error = engine::fault{
        manifest::standard_error_type("timeout"),
        408,
        "Overdue",
        "no execution of " + news.about + " has succeeded since " + base::to_rfc3339(of.success_ms),
        {}};
    ports_.writer.write(
        engine::change_alert(*of.flow, *one.rule, true, news, ports_.clock, ports_.ids),
        [this, alive = std::weak_ptr<bool>(alive_), name,
         alert = one.rule->name](const base::result<void>& done) {
            if (!done && !alive.expired()) raise_later(name, alert);
        });
}

// Nobody is told: nobody waits for it any more.
void overdue::forget(const tracked& of, const waiting& one) {
    engine::alert_news news;
    news.about = of.flow->flow->name;
    store::alert_op change =
        engine::change_alert(*of.flow, *one.rule, false, news, ports_.clock, ports_.ids);
    change.message.reset();
    ports_.writer.write(std::move(change), [](const base::result<void>&) {});
}

void overdue::raise_later(const std::string& name, const std::string& alert) {
    const auto found = all_.find(name);
    if (found == all_.end()) return;
    for (waiting& one : found->second.alerts) {
        if (one.rule->name != alert) continue;
        one.raised = false;
        one.not_before_ms = ports_.clock.unix_ms() + retry_ms;
    }
    arm();
}

void overdue::stop() {
    stopped_ = true;
    if (timer_ != 0) ports_.loop.cancel(timer_);
    timer_ = 0;
}

}  // namespace sluice::trigger
