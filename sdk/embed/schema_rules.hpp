// The parts of JSON Schema that descriptors rely on.
#pragma once

#include <string>

#include "rule_checker.hpp"

namespace sluice::embed {

// `type`, `required`, `properties` and `items`, at every level; other keywords are not looked at.
void check_schema(rule_checker& rules, const json& schema, const std::string& path);

// The fields of a connection: an object whose properties may be secret.
void check_fields_schema(rule_checker& rules, const json& schema, const std::string& path);

}  // namespace sluice::embed
