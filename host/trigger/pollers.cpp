#include "trigger/pollers.hpp"

#include <algorithm>
#include <functional>
#include <unordered_set>
#include <utility>

#include "base/log.hpp"
#include "json/text.hpp"
#include "manifest/poll_flow.hpp"
#include "trigger/event_of.hpp"

namespace sluice::trigger {
namespace {

using flow_ptr = std::shared_ptr<const engine::bound_flow>;

constexpr const char* position_key = "position";
constexpr std::int64_t busy_ms = 1'000;      // the engine takes no more now
constexpr std::size_t items_per_turn = 256;  // others want the loop, too
constexpr std::size_t most_recent = 1'000;
constexpr std::size_t most_bytes = 8u << 20;  // of one transaction

// No flow has a dot in its name, so no flow's own state is here.
std::string state_flow(const std::string& flow) { return flow + ".poll"; }

std::string name_of(const std::string& instance, const std::string& flow) {
    return instance + "/" + flow;
}

store::op position_op(const engine::bound_flow& flow, const poll_position& position) {
    store::state_put_op put;
    put.instance = flow.instance;
    put.flow = state_flow(flow.flow->name);
    put.key = position_key;
    put.value_json = position.to_text();
    return put;
}

}  // namespace

struct pollers::poller {
    flow_ptr flow, fetch, acknowledge;  // the last one may be null
    poll_position position;
    std::unordered_set<std::string> recent;  // position.recent, to look up
    bool begun = false;                      // it has its first cursor
    base::event_loop::timer_id timer = 0;
    store::event_id fetching = 0;  // the call under way
    std::int64_t asked_ms = 0;
    std::int64_t live = 0;  // runs that have not ended
    int failures = 0;       // in a row
    std::uint64_t failed = 0;
    std::int64_t failed_ms = 0;  // the last time
    std::string why;             // then
    bool crowded = false;        // waits for runs to end
    bool more = false;           // the last page was not the last one
    bool busy = false;           // from the call to the plan for the next one
    bool resting = false;        // its flow is not there at the moment

    const manifest::poll_trigger& rules() const {
        return std::get<manifest::poll_trigger>(flow->flow->trigger);
    }
};

// What a call has found, on its way to the store.
struct pollers::page {
    poll_reply reply;
    std::size_t prepared = 0;  // payloads that have been looked at
    std::size_t bytes = 0;     // of the events
    std::vector<store::new_event> events;
    std::vector<json::value> payloads;  // of these
    std::vector<std::shared_ptr<store::append_outcome>> outcomes;
    std::vector<std::string> recent;
    poll_position next;
};

pollers::pollers(poll_ports ports, poll_options options) : ports_(ports), options_(options) {}

pollers::~pollers() { stop(); }

base::result<void> pollers::start(const std::vector<flow_ptr>& flows, const live_runs& live) {
    const base::result<poll_positions> kept = read(ports_.store, flows);
    if (!kept) return kept.error_value();
    add(flows, *kept);
    for (const live_run& run : live) {
        const auto which = by_flow_.find(name_of(run.instance, run.flow));
        if (which == by_flow_.end()) continue;
        runs_.emplace(run.id, which->second);
        ++all_[which->second]->live;
    }
    for (std::size_t which = 0; which < all_.size(); ++which)
        plan_first(which);
    return {};
}

base::result<poll_positions> pollers::read(store::store& from, const std::vector<flow_ptr>& flows) {
    poll_positions out;
    for (const flow_ptr& each : flows) {
        if (!std::holds_alternative<manifest::poll_trigger>(each->flow->trigger)) continue;
        const std::string& name = each->flow->name;
        const auto kept = from.state_get(each->instance, state_flow(name), position_key);
        if (!kept) return kept.error_value();
        if (kept->version == 0) continue;
        base::result<poll_position> position = poll_position::parse(kept->value_json);
        if (!position) return std::move(position).error_value();
        out.emplace(std::pair(each->instance, name), std::move(*position));
    }
    return out;
}

// Those among the flows; they do not rest any more.
std::vector<std::size_t> pollers::add(const flow_list& flows, const poll_positions& kept) {
    std::unordered_map<std::string, flow_ptr> by_name;
    for (const flow_ptr& each : flows)
        by_name.emplace(name_of(each->instance, each->flow->name), each);
    std::vector<std::size_t> out;
    for (const flow_ptr& each : flows) {
        if (!std::holds_alternative<manifest::poll_trigger>(each->flow->trigger)) continue;
        const std::string& name = each->flow->name;
        const auto [known, fresh] =
            by_flow_.try_emplace(name_of(each->instance, name), all_.size());
        if (fresh) all_.push_back(std::make_unique<poller>());
        poller& of = *all_[known->second];
        const auto part = [&](const std::string& of_name) {
            const auto found = by_name.find(name_of(each->instance, of_name));
            return found == by_name.end() ? nullptr : found->second;
        };
        of.flow = each;
        of.fetch = part(manifest::fetch_flow_name(name));
        of.acknowledge = part(manifest::acknowledge_flow_name(name));
        of.resting = false;
        const auto position = kept.find(std::pair(each->instance, name));
        if (fresh && position != kept.end()) {
            of.position = position->second;
            of.recent = {of.position.recent.begin(), of.position.recent.end()};
            of.begun = true;
        }
        out.push_back(known->second);
    }
    return out;
}

void pollers::replace(const std::vector<std::string>& instances, const flow_list& flows,
                      const poll_positions& kept) {
    std::vector<std::size_t> before;
    for (const std::string& instance : instances) {
        const std::string start = instance + "/";
        for (auto one = by_flow_.lower_bound(start);
             one != by_flow_.end() && one->first.starts_with(start); ++one) {
            all_[one->second]->resting = true;
            before.push_back(one->second);
        }
    }
    for (const std::size_t which : add(flows, kept)) {
        const poller& of = *all_[which];
        if (of.timer == 0 && !of.busy && !of.crowded) plan_first(which);
    }
    for (const std::size_t which : before) {
        poller& of = *all_[which];
        if (!of.resting) continue;
        if (of.timer != 0) ports_.loop.cancel(of.timer);
        of.timer = 0;
        if (of.fetching != 0) ports_.engine.cancel(of.fetching);
    }
}

void pollers::plan_first(std::size_t which) {
    const poller& of = *all_[which];
    const std::int64_t spread =
        std::clamp<std::int64_t>(of.rules().pause_ms, 1, options_.longest_spread_ms);
    const std::size_t number =
        std::hash<std::string>()(name_of(of.flow->instance, of.flow->flow->name));
    plan(which, static_cast<std::int64_t>(number % static_cast<std::size_t>(spread)));
}

void pollers::plan(std::size_t which, std::int64_t wait_ms) {
    poller& of = *all_[which];
    of.busy = false;
    if (stopped_ || of.resting) return;
    of.timer = ports_.loop.run_after(wait_ms, [this, which, alive = std::weak_ptr<bool>(alive_)] {
        if (!alive.expired()) ask(which);
    });
}

bool pollers::may_call(const poller& of) const {
    const auto own = calls_of_.find(of.flow->instance);
    return calls_ < options_.calls_at_once &&
           (own == calls_of_.end() || own->second < options_.calls_at_once_per_instance);
}

void pollers::ask(std::size_t which) {
    poller& of = *all_[which];
    of.timer = 0;
    of.busy = false;
    if (stopped_ || of.resting) return;
    if (of.live >= options_.most_waiting) {
        of.crowded = true;  // on_end() goes on
        base::log(base::log_level::warning,
                  "a trigger asks for no more until runs of its flow have ended",
                  {{"instance", of.flow->instance},
                   {"flow", of.flow->flow->name},
                   {"not_ended", std::to_string(of.live)}});
        return;
    }
    of.busy = true;
    if (!may_call(of)) return held_.push_back(which);
    if (of.begun || begin(which)) fetch(which);
}

// The first cursor is kept before anything is asked with it: a second start would have another
// one, and what came between them would never be found.
bool pollers::begin(std::size_t which) {
    poller& of = *all_[which];
    if (!of.rules().start) return of.begun = true;
    const std::vector<expression::binding> variables = {{"config", of.flow->config},
                                                        {"instance", of.flow->instance_info}};
    expression::budget limits;
    limits.clock = &ports_.clock;
    base::result<json::value> first = of.rules().start->evaluate(json::value(), variables, limits);
    if (!first) {
        failed(which, first.error_value().to_text());
        return false;
    }
    poll_position position;
    position.cursor = std::move(*first);
    std::vector<store::op> ops;
    ops.push_back(position_op(*of.flow, position));
    commit(of, std::move(ops),
           [this, which, position](const base::result<store::commit_outcome>& outcome) {
               if (!outcome || *outcome != store::commit_outcome::committed) {
                   return failed(which, "its first cursor could not be kept");
               }
               all_[which]->position = position;
               all_[which]->begun = true;
               ask(which);
           });
    return false;
}

void pollers::fetch(std::size_t which) {
    poller& of = *all_[which];
    of.asked_ms = ports_.clock.unix_ms();
    of.fetching = ports_.engine.run_unrecorded(
        of.fetch, json::value::object({{"cursor", of.position.cursor}}),
        [this, which, alive = std::weak_ptr<bool>(alive_)](const engine::end_of_execution& end) {
            if (!alive.expired()) answered(which, end);
        });
    if (of.fetching == 0) return plan(which, busy_ms);
    ++calls_;
    ++calls_of_[of.flow->instance];
    ++stats_.calls;
}

void pollers::release(const std::string& instance) {
    --calls_;
    const auto own = calls_of_.find(instance);
    if (--own->second == 0) calls_of_.erase(own);
    std::vector<std::size_t> due = std::exchange(held_, {});
    for (const std::size_t which : due)
        ask(which);  // holds it again when there is no room
}

void pollers::answered(std::size_t which, const engine::end_of_execution& end) {
    poller& of = *all_[which];
    of.fetching = 0;
    release(of.flow->instance);
    if (stopped_) return;
    if (of.resting) return plan(which, 0);
    if (end.how != engine::end_of_execution::kind::succeeded) {
        return failed(which, end.error.title + ": " + end.error.detail, end.error.retry_after_ms);
    }
    base::result<poll_reply> reply = read_poll_reply(end.output, of.rules().batch);
    if (!reply) return failed(which, reply.error_value().to_text());
    auto found = std::make_shared<page>();
    found->reply = std::move(*reply);
    if (found->reply.payloads.empty()) ++stats_.found_nothing;
    prepare(which, std::move(found));
}

// Makes the events, some in each turn of the loop.
void pollers::prepare(std::size_t which, page_ptr found) {
    poller& of = *all_[which];
    const std::size_t end =
        std::min(found->reply.payloads.size(), found->prepared + items_per_turn);
    for (; found->prepared < end; ++found->prepared) {
        incoming one;
        one.flow = of.flow;
        one.payload = found->reply.payloads[found->prepared];
        one.kind = of.rules().drains ? "queue" : "poll";
        base::result<store::new_event> event = event_of(one, ports_.clock, ports_.ids);
        if (!event) {
            // It would come again for ever, and keep all behind it from coming.
            base::log(base::log_level::error,
                      "the flow's queue rules fail on an item; it runs without them",
                      {{"instance", of.flow->instance},
                       {"flow", of.flow->flow->name},
                       {"why", event.error_value().to_text()}});
            event = event_without_rules(one, ports_.clock, ports_.ids);
        }
        if (!event->dedupe_key.empty()) {
            // Whatever else of it differs, like the receipt of a message.
            event->dedupe_content = event->dedupe_key;
            std::string key = recent_key(event->dedupe_key);
            const bool known = of.recent.contains(key);
            found->recent.push_back(std::move(key));
            if (known) {
                ++stats_.duplicates;
                continue;
            }
        }
        found->bytes += event->payload_json.size();
        if (found->bytes > most_bytes) {
            return failed(which,
                          "the call gave more than 8 MiB at once (ask for smaller pages, and "
                          "say with `more` that there are others)");
        }
        found->events.push_back(std::move(*event));
        found->payloads.push_back(one.payload);
    }
    if (found->prepared == found->reply.payloads.size()) return write(which, std::move(found));
    ports_.loop.post(
        [this, which, found = std::move(found), alive = std::weak_ptr<bool>(alive_)]() mutable {
            if (!alive.expired() && !stopped_) prepare(which, std::move(found));
        });
}

void pollers::write(std::size_t which, page_ptr found) {
    poller& of = *all_[which];
    const bool drains = of.rules().drains;
    found->next.cursor = drains ? json::value() : found->reply.cursor;
    if (!drains) {
        // Pages belong together: what stands at the cursor may be in any of them.
        auto& keys = found->next.recent;
        if (of.more) keys = of.position.recent;
        keys.insert(keys.end(), found->recent.begin(), found->recent.end());
        if (keys.size() > most_recent) {
            keys.erase(keys.begin(), keys.end() - static_cast<std::ptrdiff_t>(most_recent));
        }
    }
    const bool moved = found->next.cursor != of.position.cursor;
    if (found->events.empty() && !moved) {
        if (of.acknowledge && found->reply.items.size() > 0)
            return acknowledge(which, *found, false);
        of.failures = 0;
        return plan_next(which, false);
    }
    std::vector<store::op> ops;
    for (const store::new_event& event : found->events) {
        found->outcomes.push_back(std::make_shared<store::append_outcome>());
        ops.emplace_back(store::append_op{event, ops.empty(), found->outcomes.back()});
    }
    if (!drains) ops.push_back(position_op(*of.flow, found->next));
    commit(of, std::move(ops),
           [this, which, found](const base::result<store::commit_outcome>& outcome) {
               written(which, *found, outcome);
           });
}

void pollers::commit(const poller& of, std::vector<store::op> ops,
                     std::function<void(const base::result<store::commit_outcome>&)> done) {
    const store::partition_id partition = store::partition_of(of.flow->instance);
    auto later = [&loop = ports_.loop, alive = std::weak_ptr<bool>(alive_),
                  done = std::move(done)](const base::result<store::commit_outcome>& outcome) {
        loop.post([alive, done, outcome] {
            if (!alive.expired()) done(outcome);
        });
    };
    const base::result<store::epoch_number> epoch = ports_.store.acquire(partition);
    if (!epoch) return later(epoch.error_value());
    ports_.store.commit(partition, *epoch, std::move(ops), std::move(later));
}

void pollers::written(std::size_t which, const page& found,
                      const base::result<store::commit_outcome>& outcome) {
    poller& of = *all_[which];
    if (!outcome || *outcome != store::commit_outcome::committed) {
        return failed(which, "what it found could not be kept: " +
                                 (outcome ? "another owner" : outcome.error_value().to_text()));
    }
    const bool moved = found.next.cursor != of.position.cursor;
    of.position = found.next;
    of.recent = {found.next.recent.begin(), found.next.recent.end()};
    of.begun = true;
    of.more = found.reply.more && moved;
    if (found.reply.more && !moved) {
        base::log(base::log_level::warning,
                  "a call says there is more, and its cursor stays where it was",
                  {{"instance", of.flow->instance}, {"flow", of.flow->flow->name}});
    }
    std::size_t fresh = 0;
    for (std::size_t i = 0; i < found.events.size(); ++i) {
        if (found.outcomes[i]->what == store::append_outcome::kind::duplicate) {
            ++stats_.duplicates;
            continue;
        }
        ++fresh;
        ++of.live;
        runs_.emplace(found.events[i].id, which);
        ports_.engine.accept(found.events[i], found.events[i].id, found.payloads[i]);
    }
    stats_.events += fresh;
    if (of.acknowledge) return acknowledge(which, found, fresh > 0);
    of.failures = 0;
    plan_next(which, of.more);
}

// Messages that are not acknowledged come again: their queue knows nothing of what is kept here.
void pollers::acknowledge(std::size_t which, const page& found, bool fresh) {
    poller& of = *all_[which];
    const store::event_id call = ports_.engine.run_unrecorded(
        of.acknowledge, json::value::object({{"items", found.reply.items}}),
        [this, which, fresh,
         alive = std::weak_ptr<bool>(alive_)](const engine::end_of_execution& end) {
            if (alive.expired()) return;
            poller& one = *all_[which];
            release(one.flow->instance);
            if (end.how != engine::end_of_execution::kind::succeeded) {
                return failed(which,
                              "not acknowledged: " + end.error.title + ": " + end.error.detail,
                              end.error.retry_after_ms);
            }
            one.failures = 0;
            plan_next(which, fresh);
        });
    if (call == 0) return failed(which, "not acknowledged: the host is busy or ends");
    ++calls_;
    ++calls_of_[of.flow->instance];
}

void pollers::plan_next(std::size_t which, bool at_once) {
    poller& of = *all_[which];
    if (at_once) return plan(which, 0);
    const std::int64_t passed = of.rules().drains ? 0 : ports_.clock.unix_ms() - of.asked_ms;
    plan(which, std::max<std::int64_t>(0, of.rules().pause_ms - std::max<std::int64_t>(0, passed)));
}

void pollers::failed(std::size_t which, const std::string& why, std::int64_t asked_ms) {
    poller& of = *all_[which];
    ++stats_.failed;
    ++of.failures;
    ++of.failed;
    of.failed_ms = ports_.clock.unix_ms();
    of.why = why;
    const std::int64_t wait = wait_after_failures(of.rules().pause_ms, of.failures - 1, asked_ms);
    base::log(base::log_level::warning, "a trigger could not ask for what is new",
              {{"instance", of.flow->instance},
               {"flow", of.flow->flow->name},
               {"failures", std::to_string(of.failures)},
               {"again_in_ms", std::to_string(wait)},
               {"why", why}});
    plan(which, wait);
}

std::vector<poll_failure> pollers::failures() const {
    std::vector<poll_failure> out;
    for (const auto& [name, which] : by_flow_) {
        const poller& of = *all_[which];
        if (of.failed == 0 || of.resting) continue;
        out.push_back({of.flow->instance, of.flow->flow->name, of.failed, of.failures == 0,
                       of.failed_ms, of.why});
    }
    return out;
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
        if (one->fetching != 0) ports_.engine.cancel(one->fetching);
    }
}

}  // namespace sluice::trigger
