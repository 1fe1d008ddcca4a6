#pragma once

#include <optional>

#include "manifest/cursor.hpp"
#include "manifest/task.hpp"
#include "manifest/template_reader.hpp"

namespace sluice::manifest {

// A length of time: ISO 8601 text, an object of units whose numbers may be expressions, or an
// expression that gives one of the two. What is written out is checked at once.
std::optional<duration_template> read_duration(const cursor& at, const expression_context& context);

}  // namespace sluice::manifest
