// The variables that expressions of a running flow see.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/ports.hpp"
#include "expression/expression.hpp"
#include "json/value.hpp"

namespace sluice::engine {

class scope {
  public:
    // `payload` is $trigger; `accepted_ms` the start of the workflow.
    scope(const bound_flow& flow, store::event_id execution, json::value payload,
          std::int64_t accepted_ms);

    expression::bindings bindings() const { return variables_; }

    void set_context(json::value content) { slot(context_slot) = std::move(content); }
    const json::value& context() const { return variables_[context_slot].second; }
    void set_input(json::value content) { slot(input_slot) = std::move(content); }
    void set_output(json::value content) { slot(output_slot) = std::move(content); }
    // $authorization: scheme and parameter of the credentials of a request; null: there are none.
    void set_authorization(json::value content) { slot(authorization_slot) = std::move(content); }
    // $task, as the task begins.
    void set_task(const manifest::task& task, json::value raw_input, std::int64_t started_ms);
    // $task.output, for output.as and export.as.
    void set_raw_output(const json::value& content);
    // $steps.<name> = output
    void set_step(const std::string& name, json::value output);
    const json::value& steps() const { return variables_[steps_slot].second; }
    void set_steps(json::value content) { slot(steps_slot) = std::move(content); }
    // As before the first task: no context, no steps.
    void forget_progress();

    // A name that inner tasks see (catch: the error). Names pushed later hide earlier ones.
    void push(std::string name, json::value content);
    void pop(std::size_t count = 1);

  private:
    enum : std::size_t {
        config_slot,
        instance_slot,
        trigger_slot,
        context_slot,
        steps_slot,
        input_slot,
        output_slot,
        task_slot,
        workflow_slot,
        runtime_slot,
        authorization_slot
    };
    json::value& slot(std::size_t index) { return variables_[index].second; }

    std::vector<expression::binding> variables_;
    bool uses_own_facts_ = true;  // some expression may read $task, $workflow or $runtime
};

}  // namespace sluice::engine
