// From a schema document to nodes of keywords. Inside the module only.
#pragma once

#include <memory>

#include "base/result.hpp"
#include "json/schema_node.hpp"

namespace sluice::json::schemas {

base::result<std::shared_ptr<const compiled>> compile(const value& document);

}  // namespace sluice::json::schemas
