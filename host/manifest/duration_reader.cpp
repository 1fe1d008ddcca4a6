#include "manifest/duration_reader.hpp"

#include <utility>

#include "manifest/duration.hpp"

namespace sluice::manifest {

std::optional<duration_template> read_duration(const cursor& at,
                                               const expression_context& context) {
    if (!at.exists()) return std::nullopt;
    template_value content = read_template(at, context);
    if (content.is_literal()) {
        // A template whose expression did not compile is null by now, and the problem is noted.
        if (!content.literal_value().is_null() || at.content().is_null()) {
            if (!at.duration()) return std::nullopt;
        }
        return duration_template{std::move(content)};
    }
    if (at.content().is_object()) {
        at.has_units();
    } else if (!at.content().is_string()) {
        at.problem("a duration must be text or an object",
                   "write ISO 8601 like PT30S, or {seconds: 30}");
    }
    return duration_template{std::move(content)};
}

}  // namespace sluice::manifest
