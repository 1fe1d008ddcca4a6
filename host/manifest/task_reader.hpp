// The task lists of one flow. Inside the module only.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "manifest/cursor.hpp"
#include "manifest/integration.hpp"
#include "manifest/reading.hpp"
#include "manifest/task.hpp"
#include "manifest/template_reader.hpp"

namespace sluice::manifest {

class task_reader {
  public:
    // Where something stands: the names that `then` may use there, and the variables that loops
    // and catches around it offer.
    struct surroundings {
        std::vector<std::string> siblings;
        std::vector<std::string> variables;
    };

    // References are pointers without their first `root_length` characters, the flow's own pointer.
    task_reader(std::size_t root_length, reading& shared)
        : shared_(shared), root_length_(root_length) {}

    // All tasks below, for `$steps` and `then`. First of all.
    void collect_steps(const json::value& list);
    void collect_steps_of(const json::value& task);

    // Names of all tasks of the flow, however deep.
    const std::vector<std::string>& steps() const { return steps_; }
    const std::vector<step_use>& step_uses() const { return uses_; }
    // Whether names, kinds and ways between the tasks are all as somebody meant them.
    bool sound() const { return sound_; }
    // The JSON pointer from the flow.
    std::string reference(const cursor& at) const;
    // Variables of a flow before its tasks run: on the trigger's payload.
    expression_context outside() const;
    // Variables of the flow's own output.
    expression_context at_end() const;

    // Parallel tasks have nobody that `then` could name.
    task_list read_list(const cursor& list, const std::vector<std::string>& variables,
                        bool parallel = false);
    task read_task(const cursor& at, const surroundings& around);

    // The call of webhook.verify: function, connection and arguments.
    void read_verifier(const cursor& at, call_task& into);
    // The call of a trigger that asks: anything that the task `call` may be.
    void read_call_of_trigger(const cursor& at, task& into);
    // The call that gives a picklist its options; on the values of the instance.
    void read_call_of_config(const cursor& at, call_task& into);
    // ... and what makes options of its output.
    std::optional<template_value> read_expression_of_config(const cursor& at) const;
    // `to` of a listen task and the event trigger.
    void read_strategy(const cursor& at, const expression_context& context, listen_task& into);

    // The task of a function of `use`, read once; null when it is wrong or calls itself.
    std::shared_ptr<const task> read_function_body(const cursor& call, const std::string& name);

  private:
    expression_context task_context(const cursor& at, const surroundings& around) const;
    std::string find_kind(const cursor& at) const;
    void check_name(const cursor& at);
    void read_common(const cursor& at, const surroundings& around, task& into);
    // What belongs to one kind of task.
    void read_body(const cursor& at, const std::string& kind, const surroundings& around,
                   task& into);
    void read_call_body(const cursor& at, const expression_context& context, task& into);
    for_task read_for(const cursor& at, const surroundings& around);
    fork_task read_fork(const cursor& at, const surroundings& around);
    try_task read_try(const cursor& at, const surroundings& around);
    void read_catch(const cursor& at, const std::string& task, const surroundings& around,
                    try_task& into);
    switch_task read_switch(const cursor& at, const surroundings& around);
    raise_task read_raise(const cursor& at, const expression_context& context);
    emit_task read_emit(const cursor& at, const expression_context& context) const;
    listen_task read_listen(const cursor& task, const surroundings& around);
    void read_foreach(const cursor& at, const surroundings& around, listen_task& into);
    run_task read_run(const cursor& at, const expression_context& context);

    static expression_context with_proof(const expression_context& context);
    http_task read_http(const cursor& with, const expression_context& context);
    openapi_task read_openapi(const cursor& with, const expression_context& context);
    void read_call(const cursor& at, const expression_context& context, call_task& into);
    void read_function(const cursor& at, call_task& into) const;
    void read_arguments(const cursor& with, const expression_context& context, call_task& into);
    void read_connection(const cursor& with, call_task& into) const;
    void check_builtin(const cursor& at, const call_task& call) const;
    // A name for a variable, `otherwise` when it is absent or wrong.
    std::string read_variable(const cursor& at, std::string_view what,
                              std::string_view otherwise) const;
    directive read_directive(const cursor& at, const std::vector<std::string>& siblings) const;

    reading& shared_;
    std::size_t root_length_;
    std::vector<std::string> steps_;
    mutable std::vector<step_use> uses_;  // noted while contexts are in use
    std::set<std::string> seen_;
    mutable bool sound_ = true;
};

}  // namespace sluice::manifest
