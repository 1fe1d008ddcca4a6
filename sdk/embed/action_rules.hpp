// The rules for one action of a descriptor.
#pragma once

#include <string>

#include "rule_checker.hpp"

namespace sluice::embed {

// `has_connections`: the descriptor describes a connection.
void check_action(rule_checker& rules, const json& action, const std::string& path,
                  bool has_connections);

}  // namespace sluice::embed
