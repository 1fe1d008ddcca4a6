#include <utility>

#include "manifest/task_reader.hpp"

namespace sluice::manifest {
namespace {

void read_filter(const cursor& at, error_filter& into) {
    if (!at.exists() || !at.is_object("errors")) return;
    at.refuse_unknown("errors", {"with"});
    const cursor with = at.member("with");
    if (!with.exists() || !with.is_object("with")) return;
    with.refuse_unknown("with", {"type", "status", "instance", "title", "detail", "details"});
    into.type = with.member("type").text("type");
    into.status = with.member("status").whole_number("status");
    into.instance = with.member("instance").text("instance");
    into.title = with.member("title").text("title");
    into.detail = with.member("detail").text("detail");
    // As it was called before version 1.0.3 of the vocabulary.
    if (!into.detail) into.detail = with.member("details").text("details");
}

}  // namespace

try_task task_reader::read_try(const cursor& at, const surroundings& around) {
    try_task made;
    made.tasks = read_list(at.member("try"), around.variables);
    const cursor handler = at.member("catch");
    if (!handler.exists()) {
        at.key_problem("the try \"" + at.name() + "\" has no `catch`",
                       "catch: {} takes every error");
    } else if (handler.is_object("catch")) {
        read_catch(handler, reference(at), around, made);
    }
    return made;
}

void task_reader::read_catch(const cursor& at, const std::string& task, const surroundings& around,
                             try_task& into) {
    at.refuse_unknown("catch", {"errors", "as", "when", "exceptWhen", "retry", "do", "then"});
    read_filter(at.member("errors"), into.filter);
    into.error_name = read_variable(at.member("as"), "as", "error");
    std::vector<std::string> inner = around.variables;
    inner.emplace_back("error");
    if (into.error_name != "error") inner.push_back(into.error_name);
    expression_context context = task_context(at, {{}, inner}).with({"input"});
    context.place = task + "/catch";
    into.when = read_expression(at.member("when"), context);
    into.except_when = read_expression(at.member("exceptWhen"), context);
    into.retry = read_retry(at.member("retry"), shared_.use, context);
    if (at.member("do").exists()) into.handler = read_list(at.member("do"), inner);
    into.then = read_directive(at.member("then"), around.siblings);
}

}  // namespace sluice::manifest
