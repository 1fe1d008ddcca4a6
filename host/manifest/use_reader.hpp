// The reusable parts of a manifest: retry policies, errors, timeouts. Inside the module only.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "manifest/cursor.hpp"
#include "manifest/task.hpp"
#include "manifest/template_reader.hpp"

namespace sluice::manifest {

struct use_parts {
    std::map<std::string, retry_policy, std::less<>> retries;
    std::map<std::string, error_template, std::less<>> errors;
    std::map<std::string, std::int64_t, std::less<>> timeouts_ms;
};

// `context` offers what is available in every flow.
use_parts read_use(const cursor& at, const expression_context& context);

// A policy: the name of one in `use`, or written in place. `context` without the error variables.
std::optional<retry_policy> read_retry(const cursor& at, const use_parts& use,
                                       const expression_context& context);
// An error: the name of one in `use`, or written in place.
std::optional<error_template> read_error(const cursor& at, const use_parts& use,
                                         const expression_context& context);
// A timeout: the name of one in `use`, or { after: duration }.
std::optional<duration_template> read_timeout(const cursor& at, const use_parts& use);

}  // namespace sluice::manifest
