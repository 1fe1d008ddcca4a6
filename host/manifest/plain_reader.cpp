#include "manifest/plain_reader.hpp"

#include <algorithm>
#include <utility>

#include "manifest/flow_reader.hpp"
#include "manifest/task_reader.hpp"

namespace sluice::manifest {
namespace {

void check_label(const cursor& at, std::string_view what) {
    const std::optional<std::string> text = at.text(what, true);
    if (!text) return;
    const bool fits = std::all_of(text->begin(), text->end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-';
    });
    if (fits && !text->empty() && text->size() <= 63) return;
    at.problem("\"" + *text + "\" is not a " + std::string(what),
               "use letters, digits and dashes, 63 at most");
}

void check_document(const cursor& at) {
    if (!at.is_object("document")) return;
    at.refuse_unknown("document", {"dsl", "namespace", "name", "version", "title", "summary",
                                   "tags", "metadata"});
    const std::optional<std::string> dsl = at.member("dsl").text("dsl", true);
    if (dsl && !dsl->starts_with("1.0.")) {
        at.member("dsl").problem("version " + *dsl + " of the specification is not supported",
                                 "versions 1.0.x are");
    }
    check_label(at.member("namespace"), "namespace");
    check_label(at.member("name"), "name");
    // The specification asks for it; documents that are older than that lack it.
    at.member("version").text("version");
}

// Whether the mode is `loose`.
bool read_evaluate(const cursor& at) {
    if (!at.exists() || !at.is_object("evaluate")) return false;
    at.refuse_unknown("evaluate", {"language", "mode"});
    const std::optional<std::string> language = at.member("language").text("language");
    if (language && *language != "jq") {
        at.member("language")
            .problem("expressions in " + *language + " are not supported", "write them in jq");
    }
    return at.member("mode").one_of("mode", {"strict", "loose"}) == "loose";
}

void check_schedule(const cursor& at) {
    if (!at.exists() || !at.is_object("schedule")) return;
    at.refuse_unknown("schedule", {"every", "cron", "after", "on", "read"});
    at.key_warning("the schedule is not used: the document runs once, when it is asked for");
}

}  // namespace

workflow_name read_plain_name(const json::value& content) {
    const json::value& document = content.get("document");
    return {document.string_or("namespace", ""), document.string_or("name", ""),
            document.string_or("version", "")};
}

flow read_plain_flow(const cursor& root, const std::string& name, reading& shared) {
    flow made;
    made.name = name;
    made.where = root.where();
    made.definition = root.content();
    made.trigger = call_trigger{};
    constexpr std::string_view begin =
        "document: { dsl: 1.0.3, namespace: ..., name: ..., version: ... }";
    if (!root.is_file_of("a document", begin)) return made;
    if (!root.member("document").exists()) {
        root.problem("this is no document of the specification: `document` is missing",
                     "begin with " + std::string(begin));
        return made;
    }
    root.refuse_unknown("a document", {"document", "input", "use", "do", "timeout", "output",
                                       "schedule", "evaluate", "metadata"});
    check_document(root.member("document"));
    shared.loose = read_evaluate(root.member("evaluate"));
    check_schedule(root.member("schedule"));
    expression_context everywhere;
    everywhere.variables = {"context", "input", "task", "workflow", "runtime"};
    everywhere.references = false;
    everywhere.loose = shared.loose;
    shared.use = read_use(root.member("use"), everywhere, true);
    read_functions(shared);
    task_reader tasks(0, shared);
    tasks.collect_steps(root.content().get("do"));
    read_flow_body(root, shared, tasks, made);
    return made;
}

}  // namespace sluice::manifest
