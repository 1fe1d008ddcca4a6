#include <utility>

#include "manifest/config_value.hpp"
#include "manifest/document.hpp"
#include "manifest/instance_file.hpp"
#include "manifest/reference_values.hpp"

namespace sluice::manifest {

values_outcome resolve_values(const instance_file& instance, const integration& of,
                              const environment& lookup) {
    values_outcome made;
    reference_values work(instance, lookup);
    made.values.config = json::value::object();
    for (const auto& [name, declared] : of.config)
        made.values.config.set(name, declared.default_value.value_or(json::value()));
    for (const auto& [given_name, given] : instance.config.members()) {
        const std::string name(current_config_name(of, given_name));
        const auto declared = of.config.find(name);
        if (declared == of.config.end()) continue;
        const std::string pointer = pointer_to("/config", given_name);
        const std::size_t before = work.problems.size();
        json::value content = work.resolve(given, pointer);
        if (!reference_kind(given).empty() && content.is_string()) {
            content = value_of_text(declared->second, content.as_string());
        }
        if (work.problems.size() > before) continue;
        // What stands in the file was shown by check_instance(); what a reference gave never is.
        for (value_problem& each : check_value(declared->second, content, "config." + name, false))
            work.note(pointer + each.pointer, std::move(each.message), std::move(each.hint));
        if (work.problems.size() > before) continue;
        made.values.config.set(name, normalised(declared->second, std::move(content)));
    }
    for (const auto& [name, given] : instance.connections) {
        if (!given.shared.empty()) continue;
        json::value fields = work.resolve(given.fields, pointer_to("/connections", name));
        const auto declared = of.connections.find(name);
        const bool use_declared = given.type.empty() && declared != of.connections.end();
        fields.set("type", use_declared ? declared->second.type : given.type);
        made.values.connections[name] = std::move(fields);
    }
    made.problems = std::move(work.problems);
    return made;
}

}  // namespace sluice::manifest
