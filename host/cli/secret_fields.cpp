#include "cli/secret_fields.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string>

namespace sluice::cli {
namespace {

struct known_connector {
    std::string version;
    std::map<std::string, instance::field_secrecy> fields;  // by type of connection
};

}  // namespace

instance::secret_fields secret_fields_of(
    const std::vector<std::shared_ptr<plugin::connector>>& connectors) {
    auto all = std::make_shared<std::multimap<std::string, known_connector>>();
    for (const auto& each : connectors) {
        const plugin::descriptor& text = each->description();
        known_connector one{text.version.to_text(), {}};
        for (const auto& [type, connection] : text.connections)
            one.fields.emplace(type, instance::field_secrecy{connection.secret_fields,
                                                             connection.harmless_fields});
        all->emplace(text.id, std::move(one));
    }
    return [all](const std::string& connector, const manifest::version_constraint* wanted,
                 const std::string& type) -> std::optional<instance::field_secrecy> {
        std::optional<instance::field_secrecy> said;
        const auto [first, last] = all->equal_range(connector);
        for (auto one = first; one != last; ++one) {
            if (wanted != nullptr && !wanted->accepts(one->second.version)) continue;
            const auto found = one->second.fields.find(type);
            if (found == one->second.fields.end()) continue;
            if (!said) {
                said = found->second;
                continue;
            }
            // Any of the versions may be the one that is called.
            for (const std::string& name : found->second.secret)
                said->secret.push_back(name);
            std::erase_if(said->harmless, [&](const std::string& name) {
                return std::ranges::count(found->second.harmless, name) == 0;
            });
        }
        return said;
    };
}

}  // namespace sluice::cli
