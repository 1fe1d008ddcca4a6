// What the readers of one document share. Inside the module only.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "manifest/call_check.hpp"
#include "manifest/integration.hpp"
#include "manifest/use_reader.hpp"

namespace sluice::manifest {

// As `run: { workflow: ... }` names what it runs.
struct workflow_name {
    std::string space;  // empty: that of the document
    std::string name;
    std::string version;  // empty: the latest
};

struct reading {
    integration* of = nullptr;  // has everything but its flows
    use_parts use;
    // A document of the specification without our envelope: what only we restrict is allowed, and
    // there are no connectors and no functions of our own.
    bool plain = false;
    bool loose = false;                                        // see expression_context
    std::map<std::string, std::string, std::less<>> triggers;  // of each flow by its name
    std::vector<call_site> calls;                              // in order of the text
    // Plain documents: the flow that a workflow becomes, or nothing when there is no such document.
    std::function<std::optional<std::string>(const workflow_name&)> find_workflow;
};

// What to write instead of a flow that is not there: the nearest, or those that others may start;
// all of them when there are none of those.
std::string flow_hint(std::string_view name, const reading& shared);

// Reads every function of `use`, called or not.
void read_functions(reading& shared);

}  // namespace sluice::manifest
