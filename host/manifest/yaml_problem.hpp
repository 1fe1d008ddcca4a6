// What is wrong with a text that is no YAML, in words for its author. Inside the module only.
#pragma once

#include <optional>
#include <string_view>

#include "base/error.hpp"
#include "manifest/document.hpp"

namespace sluice::manifest {

// `at` is where the parser gave up and `reason` what it said; the problem names the place where the
// mistake was made. What is not recognized is told in the parser's words.
base::error explain_yaml(const document& in, mark at, std::string_view reason);

// The problem of a quoted text that begins at `from` and goes on to the end of the file, which the
// parser accepts; nothing when it is closed or not quoted.
std::optional<base::error> unclosed_quote(const document& in, mark from);

}  // namespace sluice::manifest
