// The tasks of a flow in the specification's own strict form. Inside the module only.
#pragma once

#include <functional>
#include <set>
#include <string>

#include "json/value.hpp"

namespace sluice::manifest {

// What the tasks need beyond the specification, noted on the way.
struct export_notes {
    std::set<std::string> functions;  // of Sluice: called
    std::set<std::string> secrets;    // referred to
    bool computed_durations = false;  // the specification knows fixed ones only
    bool ways_of_catch = false;       // `then` of a catch: the specification has none
    std::string name_space;           // of the integration
    std::string event_source;         // of events that name none
    std::function<std::string(const std::string&)> name_of_flow;  // in the exported document
    std::function<bool(const std::string&)> is_secret;
    std::function<bool(const std::string&)> is_own_function;  // of `use`
};

json::value export_tasks(const json::value& list, export_notes& notes);
// A task, or anything that has fields like one: an input, a retry policy, a function.
json::value export_task(const json::value& task, export_notes& notes);
// `text` with ${ } around it unless it is there.
json::value export_expression(const json::value& text);
// An error in place or of `use`: a type that is a urn becomes an expression, as the specification's
// schema knows addresses only.
json::value export_error(const json::value& error);
// Whether there is a ${ } somewhere inside.
bool holds_expression(const json::value& content);
// Every { $ref: config.x } replaced by an expression.
json::value export_references(const json::value& content, export_notes& notes);

}  // namespace sluice::manifest
