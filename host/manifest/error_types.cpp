#include <array>

#include "manifest/task.hpp"

namespace sluice::manifest {
namespace {

constexpr std::array<std::string_view, 4> prefixes = {
    "https://open-workflow-specification.org/spec/1.0.0/errors/",
    "https://serverlessworkflow.io/spec/1.0.0/errors/",
    "https://open-workflow-specification.org/dsl/errors/types/",
    "https://serverlessworkflow.io/dsl/errors/types/",
};
constexpr std::array<std::string_view, 8> names = {"configuration",  "validation",    "expression",
                                                   "authentication", "authorization", "timeout",
                                                   "communication",  "runtime"};

// The standard name that `type` means, or empty.
std::string_view standard_name(std::string_view type) {
    for (const std::string_view prefix : prefixes) {
        if (!type.starts_with(prefix)) continue;
        const std::string_view rest = type.substr(prefix.size());
        for (const std::string_view name : names) {
            if (rest == name) return name;
        }
    }
    return {};
}

}  // namespace

bool same_error_type(std::string_view a, std::string_view b) {
    if (a == b) return true;
    const std::string_view name = standard_name(a);
    return !name.empty() && name == standard_name(b);
}

std::string standard_error_type(std::string_view name) {
    return std::string(prefixes.front()) + std::string(name);
}

}  // namespace sluice::manifest
