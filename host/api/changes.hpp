// Routes that change what is deployed: /apply, and those of one instance.
#pragma once

#include <string>
#include <vector>

#include "api/call.hpp"
#include "api/ports.hpp"
#include "instance/edits.hpp"

namespace sluice::api {

// POST /apply {documents: [{name, text}], dryRun}: all or nothing; the answer is the plan.
void apply_documents(const api_ports& ports, const call& what, const answer_function& answer);

// What is wrong with a change, each with its place.
reply refused(const std::vector<base::error>& problems);

// One change of the instance {name}; the answer says how it stands then.
void change_instance(const api_ports& ports, const call& what, instance::edit how,
                     const answer_function& answer);

// POST /instances/{name}/upgrade {version}; PATCH /instances/{name}/config {values}.
void upgrade_instance(const api_ports& ports, const call& what, const answer_function& answer);
void change_config(const api_ports& ports, const call& what, const answer_function& answer);

}  // namespace sluice::api
