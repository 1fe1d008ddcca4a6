// The task lists of one flow. Inside the module only.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "manifest/cursor.hpp"
#include "manifest/integration.hpp"
#include "manifest/task.hpp"
#include "manifest/template_reader.hpp"
#include "manifest/use_reader.hpp"

namespace sluice::manifest {

class task_reader {
  public:
    // `flow` is the flow's cursor; references count from there. `of` has everything but its flows.
    task_reader(const cursor& flow, const integration& of, const use_parts& use);

    // Names of all tasks of the flow, however deep.
    const std::vector<std::string>& steps() const { return steps_; }
    // Variables of a flow before its tasks run: on the trigger's payload.
    expression_context outside() const;
    // Variables of the flow's own output.
    expression_context at_end() const { return task_context({}); }

    // `extra` are the error variables of the catches around the list.
    task_list read_list(const cursor& list, const std::vector<std::string>& extra);

    // A call as tasks and webhook.verify have it: function, connection and arguments.
    void read_call(const cursor& at, const expression_context& context, call_task& into) const;

  private:
    expression_context task_context(const std::vector<std::string>& extra) const;
    task read_task(const cursor& at, const std::vector<std::string>& siblings,
                   const std::vector<std::string>& extra);
    std::string find_kind(const cursor& at) const;
    void read_common(const cursor& at, const std::vector<std::string>& siblings,
                     const std::vector<std::string>& extra, task& into) const;
    void read_body(const cursor& at, const std::string& kind,
                   const std::vector<std::string>& siblings, const std::vector<std::string>& extra,
                   task& into);
    try_task read_try(const cursor& at, const std::vector<std::string>& siblings,
                      const std::vector<std::string>& extra);
    void read_catch(const cursor& at, const std::vector<std::string>& siblings,
                    const std::vector<std::string>& extra, try_task& into);
    switch_task read_switch(const cursor& at, const std::vector<std::string>& siblings,
                            const std::vector<std::string>& extra) const;
    void read_function(const cursor& at, call_task& into) const;
    void read_connection(const cursor& with, call_task& into) const;
    directive read_directive(const cursor& at, const std::vector<std::string>& siblings) const;
    void collect_steps(const json::value& list);

    const integration& of_;
    const use_parts& use_;
    std::size_t flow_pointer_length_;
    std::vector<std::string> steps_;
    std::set<std::string> seen_;
};

}  // namespace sluice::manifest
