#include "cli/environment.hpp"

#include <cstdlib>

namespace sluice::cli {

std::optional<std::string> environment_variable(const std::string& name) {
    const char* content = std::getenv(name.c_str());
    if (content == nullptr) return std::nullopt;
    return std::string(content);
}

}  // namespace sluice::cli
