// What belongs to one kind of task: those that are short.
#include <utility>

#include "manifest/duration_reader.hpp"
#include "manifest/task_reader.hpp"

namespace sluice::manifest {
namespace {

struct owner {
    std::string_view part;
    std::string_view kind;
    std::string_view message;
};
constexpr owner owners[] = {{"with", "call", "only a call has `with`"},
                            {"catch", "try", "only a try has `catch`"},
                            {"while", "for", "only a for has `while`"},
                            {"foreach", "listen", "only a listen has `foreach`"}};

}  // namespace

void task_reader::read_body(const cursor& at, const std::string& kind, const surroundings& around,
                            task& into) {
    for (const owner& each : owners) {
        const cursor part = at.member(each.part);
        if (kind != each.kind && part.exists()) part.key_problem(std::string(each.message));
    }
    const expression_context inside = task_context(at, around).with({"input"});
    const cursor content = at.member(kind);
    if (kind == "call") {
        read_call_body(at, inside, into);
    } else if (kind == "set") {
        into.body = set_task{read_template(content, inside)};
    } else if (kind == "do") {
        into.body = do_task{read_list(content, around.variables)};
    } else if (kind == "for") {
        into.body = read_for(at, around);
    } else if (kind == "fork") {
        into.body = read_fork(content, around);
    } else if (kind == "try") {
        into.body = read_try(at, around);
    } else if (kind == "switch") {
        into.body = read_switch(content, around);
    } else if (kind == "raise") {
        into.body = read_raise(content, inside);
    } else if (kind == "wait") {
        into.body = wait_task{read_duration(content, inside).value_or(duration_template())};
    } else if (kind == "emit") {
        into.body = read_emit(content, inside);
    } else if (kind == "listen") {
        into.body = read_listen(at, around);
    } else {
        into.body = read_run(content, inside);
    }
}

fork_task task_reader::read_fork(const cursor& at, const surroundings& around) {
    fork_task made;
    if (!at.is_object("fork")) return made;
    at.refuse_unknown("fork", {"branches", "compete"});
    made.branches = read_list(at.member("branches"), around.variables, true);
    made.compete = at.member("compete").flag("compete").value_or(false);
    return made;
}

raise_task task_reader::read_raise(const cursor& at, const expression_context& context) {
    raise_task made;
    if (!at.is_object("raise")) return made;
    at.refuse_unknown("raise", {"error"});
    const cursor error = at.member("error");
    if (!error.exists()) {
        at.problem("raise needs an `error`");
    } else if (auto read = read_error(error, shared_.use, context)) {
        made.error = std::move(*read);
    }
    return made;
}

}  // namespace sluice::manifest
