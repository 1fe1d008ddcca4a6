// What the parts of the lifecycle share about runs of deploy and undeploy flows.
#pragma once

#include <string>

#include "instance/deployment_record.hpp"

namespace sluice::instance {

inline bool is_over(const deployment_record::run& one) { return one.state != "running"; }

// The first failure is the one that is kept: what follows may come of it.
void note_failure(const std::string& instance, deployment_record& record, const std::string& flow,
                  const std::string& why);

}  // namespace sluice::instance
