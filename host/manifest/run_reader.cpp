// run: of the four kinds only `workflow`.
#include <array>
#include <utility>

#include "expression/suggestion.hpp"
#include "manifest/task_reader.hpp"

namespace sluice::manifest {
namespace {

struct refused_kind {
    std::string_view name;
    std::string_view message;
};
constexpr std::array<refused_kind, 3> refused = {
    {{"container", "containers are not run by this host"},
     {"script", "scripts are not run by this host"},
     {"shell", "shell commands are not run by this host"}}};

// The sibling that a manifest's `run` names.
std::string find_sibling(const cursor& at, const workflow_name& wanted, const reading& shared) {
    const std::string& id = shared.of->id;
    const std::string space = id.substr(0, id.find('/'));
    if (!wanted.space.empty() && wanted.space != space) {
        at.member("namespace")
            .problem("\"" + wanted.space + "\" is another namespace",
                     "only flows of this integration can be run; its namespace is " + space);
        return {};
    }
    if (!wanted.version.empty() && wanted.version != shared.of->version) {
        at.member("version").problem("version " + wanted.version + " is not that of this manifest",
                                     "write " + shared.of->version + " or latest");
    }
    const auto found = shared.triggers.find(wanted.name);
    const cursor name = at.member("name");
    if (found == shared.triggers.end()) {
        name.problem("there is no flow \"" + wanted.name + "\" in this integration",
                     flow_hint(wanted.name, shared));
    } else if (found->second != "call") {
        name.problem("the flow \"" + wanted.name + "\" is not started by others",
                     "give it trigger: { call: {} }");
    }
    return wanted.name;
}

}  // namespace

std::string flow_hint(std::string_view name, const reading& shared) {
    std::vector<std::string> all;
    std::vector<std::string> called;
    for (const auto& [each, trigger] : shared.triggers) {
        all.push_back(each);
        if (trigger == "call") called.push_back(each);
    }
    const bool alike =
        expression::nearest(name, called).empty() && !expression::nearest(name, all).empty();
    return expression::did_you_mean(name, called.empty() || alike ? all : called);
}

run_task task_reader::read_run(const cursor& at, const expression_context& context) {
    run_task made;
    if (!at.is_object("run")) return made;
    for (const refused_kind& each : refused) {
        if (!at.member(each.name).exists()) continue;
        at.member(each.name).key_problem(std::string(each.message),
                                         "call an action of a connector, or call: http");
        return made;
    }
    at.refuse_unknown("run", {"workflow", "await", "return"});
    made.await = at.member("await").flag("await").value_or(true);
    if (at.member("return").exists()) {
        at.member("return").key_warning("`return` says nothing about a workflow",
                                        "it is for processes; leave it out");
    }
    const cursor workflow = at.member("workflow");
    if (!workflow.is_object("workflow")) return made;
    workflow.refuse_unknown("workflow", {"namespace", "name", "version", "input"});
    workflow_name wanted;
    wanted.space = workflow.member("namespace").text("namespace").value_or("");
    wanted.name = workflow.member("name").text("name", true).value_or("");
    wanted.version = workflow.member("version").text("version").value_or("");
    if (wanted.version == "latest") wanted.version.clear();
    const cursor input = workflow.member("input");
    if (input.exists()) made.input = read_template(input, context);
    if (wanted.name.empty()) return made;
    if (!shared_.plain) {
        made.flow = find_sibling(workflow, wanted, shared_);
    } else if (shared_.find_workflow) {
        if (auto flow = shared_.find_workflow(wanted)) {
            made.flow = std::move(*flow);
        } else {
            workflow.problem(
                "no document in this folder is the workflow " +
                    (wanted.space.empty() ? wanted.name : wanted.space + "/" + wanted.name) +
                    (wanted.version.empty() ? "" : " of version " + wanted.version),
                "put it beside this document");
        }
    }
    return made;
}

}  // namespace sluice::manifest
