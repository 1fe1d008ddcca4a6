// A flow as a plain document of the Open Workflow Specification, for editors, schemas and runtimes
// that know nothing of our envelope.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "json/value.hpp"
#include "manifest/integration.hpp"

namespace sluice::manifest {

struct exported_flow {
    json::value document;
    // What the document does not say, or only Sluice understands; a sentence each.
    std::vector<std::string> differences;
};

// `flow` is one of the integration's. Tasks stay as they are; fields that are expressions get their
// ${ }; references to config variables become $secrets.<name> and $config.<name>. not_found: there
// is no such flow (the hint names those there are).
base::result<exported_flow> export_ows(const integration& of, const std::string& flow);

}  // namespace sluice::manifest
