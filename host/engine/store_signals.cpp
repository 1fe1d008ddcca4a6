#include "engine/store_signals.hpp"

#include <utility>
#include <vector>

#include "engine/event_match.hpp"
#include "engine/journal.hpp"
#include "engine/surroundings.hpp"
#include "json/text.hpp"

namespace sluice::engine {

bool is_started_by(const manifest::flow& sibling, const bound_flow& flow, const json::value& event,
                   base::clock& clock) {
    const auto* const wanted = std::get_if<manifest::event_trigger>(&sibling.trigger);
    if (wanted == nullptr) return false;
    const manifest::event_trigger& trigger = *wanted;
    if (trigger.listen.filters.empty()) return true;
    const std::vector<expression::binding> variables = {{"config", flow.config},
                                                        {"instance", flow.instance_info}};
    const evaluator with = [&](const manifest::template_value& code, const json::value& input) {
        expression::budget limits;
        limits.clock = &clock;
        limits.time_ms = 100;
        return code.evaluate(input, variables, limits);
    };
    for (const manifest::event_filter& filter : trigger.listen.filters) {
        correlation_values none;
        const base::result<bool> fits = matches(filter, event, event, with, none);
        if (fits && *fits) return true;
    }
    return false;
}

void store_signals::emit(const start_of_execution& from, const json::value& event,
                         journal& records) {
    const bound_flow& flow = *from.flow;
    store::emit_op emitted;
    emitted.instance = flow.instance;
    emitted.event_json = json::to_text(event);
    emitted.emitted_ms = ports_.clock.unix_ms();
    records.add(std::move(emitted));
    std::vector<store::new_event> started;
    for (const manifest::flow& sibling : flow.integration->flows) {
        if (!is_started_by(sibling, flow, event, ports_.clock)) continue;
        store::new_event next;
        next.id = ports_.ids.next();
        next.instance = flow.instance;
        next.flow = sibling.name;
        next.flow_version = flow.integration->hash;
        next.kind = "event";
        next.payload_json = json::to_text(event);
        next.accepted_ms = ports_.clock.unix_ms();
        next.parent = from.id;
        records.add(store::append_op{next});
        started.push_back(std::move(next));
    }
    records.commit([this, instance = flow.instance, started = std::move(started),
                    event](base::result<store::commit_outcome> outcome) {
        if (!outcome || *outcome != store::commit_outcome::committed) return;
        for (const store::new_event& one : started)
            ports_.accept(one, event);
        notify(instance);
    });
}

void store_signals::notify(const std::string& instance) {
    std::vector<std::function<void()>> told;
    for (const auto& [id, one] : listeners_) {
        if (one.instance == instance) told.push_back(one.notify);
    }
    for (const auto& one : told)
        one();
}

void store_signals::newest(const std::string&,
                           std::function<void(base::result<std::int64_t>)> done) {
    ports_.run_blocking([this, done = std::move(done)]() mutable {
        base::result<std::int64_t> number = ports_.store.last_signal();
        ports_.loop.post([done = std::move(done), number = std::move(number)] { done(number); });
    });
}

void store_signals::read(const std::string& instance, std::int64_t after, int limit,
                         std::function<void(base::result<std::vector<signal>>)> done) {
    ports_.run_blocking([this, instance, after, limit, done = std::move(done)]() mutable {
        base::result<std::vector<store::signal_record>> found =
            ports_.store.signals(instance, after, limit);
        base::result<std::vector<signal>> out = std::vector<signal>();
        if (!found) {
            out = std::move(found).error_value();
        } else {
            for (const store::signal_record& one : *found) {
                base::result<json::value> event = json::parse(one.event_json);
                out->push_back({one.number, event ? std::move(*event) : json::value()});
            }
        }
        ports_.loop.post([done = std::move(done), out = std::move(out)] { done(out); });
    });
}

signal_log::listener_id store_signals::listen(const std::string& instance, std::int64_t after,
                                              std::function<void()> notify) {
    const listener_id id = ++last_;
    listeners_[id] = {instance, notify};
    // Something may have been emitted since the listener last looked.
    read(instance, after, 1, [this, id](const base::result<std::vector<signal>>& found) {
        const auto still = listeners_.find(id);
        if (still == listeners_.end() || !found || found->empty()) return;
        const auto wake = still->second.notify;
        wake();
    });
    return id;
}

}  // namespace sluice::engine
