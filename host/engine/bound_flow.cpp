#include "engine/bound_flow.hpp"

#include <utility>

namespace sluice::engine {

const manifest::version_constraint* bound_flow::constraint(std::string_view connector) const {
    const auto found = integration->connectors.find(connector);
    return found == integration->connectors.end() ? nullptr : &found->second;
}

base::result<std::string> bound_flow::connection(const std::string& name) const {
    if (name.empty()) return std::string();
    const auto found = connections.find(name);
    if (found != connections.end()) return found->second;
    return base::make_error(base::error_code::auth,
                            "instance \"" + instance + "\" has no connection \"" + name + "\"",
                            "add it to the instance's file");
}

shared_connection bound_flow::origin_of(const std::string& connection) const {
    const auto found = shared.find(connection);
    return found == shared.end() ? shared_connection() : found->second;
}

json::value bound_flow::resolve(const manifest::template_value& code, json::value evaluated) const {
    return code.resolve_references(
        std::move(evaluated), [this](const std::string& name) -> json::value {
            const auto secret = secrets.find(name);
            return secret != secrets.end() ? secret->second : config.get(name);
        });
}

}  // namespace sluice::engine
