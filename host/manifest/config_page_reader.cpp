// The order in which values are asked for, and what variables were called before.
#include <algorithm>
#include <set>
#include <utility>

#include "expression/suggestion.hpp"
#include "manifest/config_reader.hpp"

namespace sluice::manifest {
namespace {

std::vector<std::string> names_of(const integration& of) {
    std::vector<std::string> all;
    for (const auto& [name, ignored] : of.config)
        all.push_back(name);
    return all;
}

}  // namespace

void read_pages(const cursor& root, integration& into) {
    const cursor at = root.member("pages");
    if (!at.exists() || !at.is_array("pages")) return;
    std::set<std::string, std::less<>> placed;
    for (const cursor& each : at.items()) {
        config_page made;
        if (!each.is_object("a page")) continue;
        each.refuse_unknown("a page", {"title", "description", "variables"});
        made.title = each.member("title").text("title", true).value_or("");
        made.description = each.member("description").text("description").value_or("");
        const cursor variables = each.member("variables");
        if (variables.is_array("variables")) {
            for (const cursor& variable : variables.items()) {
                const std::optional<std::string> name = variable.text("a variable", true);
                if (!name) continue;
                if (into.config.find(*name) == into.config.end()) {
                    variable.problem("config has no \"" + *name + "\"",
                                     expression::did_you_mean(*name, names_of(into)));
                } else if (!placed.insert(*name).second) {
                    variable.problem("\"" + *name + "\" is on a page already");
                } else {
                    made.variables.push_back(*name);
                }
            }
        }
        into.pages.push_back(std::move(made));
    }
}

void read_renamed(const cursor& root, integration& into) {
    const cursor at = root.member("renamed");
    if (!at.exists() || !at.is_object("renamed", "renamed: { config: { old: new } }")) return;
    at.refuse_unknown("renamed", {"config"});
    const cursor config = at.member("config");
    if (!config.exists() || !config.is_object("config")) return;
    for (const cursor& each : config.members()) {
        const std::optional<std::string> name = each.text("the new name", true);
        if (!name) continue;
        if (into.config.find(each.name()) != into.config.end()) {
            each.key_problem("config has \"" + each.name() + "\" still",
                             "a name that was given up stands on the left, the new one on the "
                             "right");
        }
        if (into.config.find(*name) == into.config.end()) {
            each.problem("config has no \"" + *name + "\"",
                         expression::did_you_mean(*name, names_of(into)));
        }
        into.renamed_config[each.name()] = *name;
    }
}

}  // namespace sluice::manifest
