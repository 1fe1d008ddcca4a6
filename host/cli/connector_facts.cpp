#include "cli/connector_facts.hpp"

#include <algorithm>
#include <utility>

namespace sluice::cli {

namespace {

manifest::connector_catalog facts_of(std::vector<const plugin::descriptor*> found) {
    std::stable_sort(found.begin(), found.end(),
                     [](const plugin::descriptor* a, const plugin::descriptor* b) {
                         return a->version < b->version;
                     });
    manifest::connector_catalog made;
    for (const plugin::descriptor* each : found) {
        manifest::connector_facts facts;
        facts.id = each->id;
        facts.version = each->version.to_text();
        for (const auto& [id, action] : each->actions) {
            facts.actions[id] = {action.input_schema, action.verifier,
                                 action.connection == plugin::connection_need::required};
        }
        for (const auto& [type, ignored] : each->connections)
            facts.connection_types.push_back(type);
        made.push_back(std::move(facts));
    }
    return made;
}

}  // namespace

manifest::connector_catalog connector_facts(const plugin::scan_result& scan) {
    std::vector<const plugin::descriptor*> found;
    for (const plugin::found_connector& each : scan.found)
        found.push_back(&each.description);
    return facts_of(std::move(found));
}

manifest::connector_catalog connector_facts(
    const std::vector<std::shared_ptr<plugin::connector>>& all) {
    std::vector<const plugin::descriptor*> found;
    for (const std::shared_ptr<plugin::connector>& each : all)
        found.push_back(&each->description());
    return facts_of(std::move(found));
}

}  // namespace sluice::cli
