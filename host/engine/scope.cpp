#include "engine/scope.hpp"

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/version.hpp"

namespace sluice::engine {

namespace {

json::value time_value(std::int64_t unix_ms) {
    return json::value::object(
        {{"iso8601", base::to_rfc3339(unix_ms)},
         {"epoch", json::value::object({{"seconds", unix_ms / 1000}, {"milliseconds", unix_ms}})}});
}

}  // namespace

scope::scope(const bound_flow& flow, store::event_id execution, json::value payload,
             std::int64_t accepted_ms) {
    json::value workflow;
    json::value runtime;
    uses_own_facts_ = flow.flow->uses_own_facts;
    if (uses_own_facts_) {
        workflow = json::value::object({{"id", base::execution_id_text(execution)},
                                        {"definition", flow.flow->definition},
                                        {"input", payload},
                                        {"startedAt", time_value(accepted_ms)}});
        runtime = json::value::object({{"name", "sluice"},
                                       {"version", base::sluice_version},
                                       {"metadata", json::value::object()}});
    }
    variables_.reserve(13);
    variables_.emplace_back("config", flow.config);
    variables_.emplace_back("instance", flow.instance_info);
    variables_.emplace_back("trigger", std::move(payload));
    variables_.emplace_back("context", json::value());
    variables_.emplace_back("steps", json::value::object());
    variables_.emplace_back("input", json::value());
    variables_.emplace_back("output", json::value());
    variables_.emplace_back("task", json::value());
    variables_.emplace_back("workflow", std::move(workflow));
    variables_.emplace_back("runtime", std::move(runtime));
    variables_.emplace_back("authorization", json::value());
}

void scope::set_task(const manifest::task& task, json::value raw_input, std::int64_t started_ms) {
    if (!uses_own_facts_) return;
    slot(task_slot) = json::value::object({{"name", task.name},
                                           {"reference", task.reference},
                                           {"definition", task.definition},
                                           {"input", std::move(raw_input)},
                                           {"startedAt", time_value(started_ms)}});
}

void scope::set_raw_output(const json::value& content) {
    if (uses_own_facts_) slot(task_slot).set("output", content);
}

void scope::forget_progress() {
    set_context(json::value());
    set_steps(json::value::object());
}

void scope::set_step(const std::string& name, json::value output) {
    slot(steps_slot).set(name, std::move(output));
}

void scope::push(std::string name, json::value content) {
    variables_.emplace_back(std::move(name), std::move(content));
}

void scope::pop(std::size_t count) { variables_.resize(variables_.size() - count); }

}  // namespace sluice::engine
