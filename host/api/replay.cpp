#include "api/replay.hpp"

#include <memory>
#include <utility>
#include <vector>

#include "api/execution_json.hpp"
#include "base/ids.hpp"
#include "json/text.hpp"
#include "plugin/blob_reference.hpp"
#include "trigger/event_of.hpp"

namespace sluice::api {
namespace {

// Files belong to the execution that they came with, and go with it.
bool has_file(const json::value& content) {
    if (plugin::blob_reference(content)) return true;
    if (content.is_array()) {
        for (const json::value& item : content.items()) {
            if (has_file(item)) return true;
        }
    }
    if (content.is_object()) {
        for (const auto& [name, item] : content.members()) {
            if (has_file(item)) return true;
        }
    }
    return false;
}

base::error cannot(std::string why) {
    return base::make_error(base::error_code::conflict, std::move(why));
}

base::result<trigger::incoming> incoming_of(const api_ports& ports,
                                            const store::execution_detail& first) {
    const store::execution_summary& one = first.summary;
    if (!store::is_terminal(one.state)) return cannot("the execution is not over");
    trigger::incoming out;
    out.flow = ports.deployments.current(one.instance, one.flow);
    if (!out.flow) return cannot("the execution's flow is not deployed at the moment");
    if (out.flow->flow->record == manifest::flow::record_kind::none) {
        return cannot("nothing is kept of the flow's executions (record: none)");
    }
    if (!keeps_bodies(first)) return cannot("the execution's payload was not kept");
    base::result<json::value> payload = json::parse(first.payload_json);
    if (!payload) return std::move(payload).error_value();
    if (has_file(*payload)) return cannot("the execution's payload holds a file");
    out.payload = std::move(*payload);
    out.kind = replay_kind;
    // A preprocess flow may have given the lane, and nothing else knows which.
    const manifest::endpoint_rules& rules = out.flow->integration->endpoint;
    if (!rules.preprocess.empty()) out.key = one.lane_key;
    return out;
}

}  // namespace

void replay_execution(const api_ports& ports, const store::execution_detail& first,
                      std::function<void(base::result<store::new_event>)> told) {
    base::result<trigger::incoming> from = incoming_of(ports, first);
    if (!from) return told(from.error_value());
    base::result<store::new_event> event = trigger::event_of(*from, ports.clock, ports.ids);
    if (!event) {
        return told(cannot("the flow's queue rules do not fit the payload: " +
                           event.error_value().message));
    }
    event->dedupe_key.clear();
    event->dedupe_content.clear();
    event->parent = first.summary.id;
    auto made = std::make_shared<store::new_event>(std::move(*event));
    auto payload = std::make_shared<json::value>(std::move(from->payload));
    const auto stored = [&ports, made, payload, told = std::move(told)](
                            const base::result<std::vector<store::append_outcome>>& outcome) {
        if (!outcome) return told(outcome.error_value());
        if (outcome->front().what != store::append_outcome::kind::stored) {
            return told(base::make_error(base::error_code::unavailable, outcome->front().reason));
        }
        ports.engine.accept(*made, made->id, std::move(*payload));
        told(*made);
    };
    ports.store.append({*made}, [&ports, stored](auto outcome) {
        ports.loop.post([stored, outcome = std::move(outcome)] { stored(outcome); });
    });
}

void replay(const api_ports& ports, const call& what, const answer_function& answer) {
    const store::event_id first = what.execution->summary.id;
    replay_execution(
        ports, *what.execution, [first, answer](const base::result<store::new_event>& made) {
            if (!made) return answer(problem_of(made.error_value()));
            const std::string id = base::execution_id_text(made->id);
            answer(json_reply(202,
                              json::value::object({{"execution", id},
                                                   {"replays", base::execution_id_text(first)},
                                                   {"flowVersion", made->flow_version}}),
                              id));
        });
}

}  // namespace sluice::api
