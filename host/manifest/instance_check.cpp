#include <set>
#include <utility>

#include "expression/suggestion.hpp"
#include "manifest/config_value.hpp"
#include "manifest/document.hpp"
#include "manifest/instance_file.hpp"

namespace sluice::manifest {
namespace {

class check {
  public:
    check(const instance_file& instance, const integration& to, const sharing& owners)
        : instance_(instance), to_(to), owners_(owners) {}

    std::vector<base::error> run() {
        if (instance_.integration != to_.id) {
            note("/integration",
                 "this instance is one of " + instance_.integration + ", not of " + to_.id);
        }
        check_config();
        check_connections();
        return std::move(problems_);
    }

  private:
    void note(const std::string& pointer, std::string message, std::string hint = {}) {
        problems_.push_back(problem_at(instance_, pointer, std::move(message), std::move(hint)));
    }

    void check_config() {
        std::vector<std::string> known;
        for (const auto& [name, ignored] : to_.config)
            known.push_back(name);
        std::set<std::string, std::less<>> given;
        for (const json::member& each : instance_.config.members()) {
            const std::string pointer = pointer_to("/config", each.first);
            const std::string name(current_config_name(to_, each.first));
            const auto declared = to_.config.find(name);
            if (declared == to_.config.end()) {
                note(pointer, to_.id + " has no config variable \"" + each.first + "\"",
                     expression::did_you_mean(each.first, known));
            } else if (!given.insert(name).second) {
                note(pointer, "config." + name + " is given twice, once under its old name",
                     "keep " + name);
            } else {
                check_variable(pointer, name, declared->second, each.second);
            }
        }
        for (const auto& [name, declared] : to_.config) {
            if (declared.required && !declared.default_value && !given.contains(name)) {
                note("/config", "config." + name + " is required", declared.description);
            }
        }
    }

    void check_variable(const std::string& pointer, const std::string& name,
                        const config_declaration& declared, const json::value& content) {
        for (value_problem& each : check_value(declared, content, "config." + name, true))
            note(pointer + each.pointer, std::move(each.message), std::move(each.hint));
        if (declared.secret() && content.is_string()) {
            note(pointer, "the secret config." + name + " is written in the file",
                 "use { $env: NAME } or { $file: path }");
        }
    }

    void check_connections() {
        std::vector<std::string> known;
        for (const auto& [name, ignored] : to_.connections)
            known.push_back(name);
        for (const auto& [name, given] : instance_.connections) {
            const std::string pointer = pointer_to("/connections", name);
            const auto declared = to_.connections.find(name);
            if (declared == to_.connections.end()) {
                note(pointer, to_.id + " has no connection \"" + name + "\"",
                     expression::did_you_mean(name, known));
                continue;
            }
            if (!given.shared.empty()) continue;
            const std::string& type = declared->second.type;
            if (!type.empty() && !given.type.empty() && type != given.type) {
                note(pointer_to(pointer, "type"),
                     "the connection " + name + " must be of type " + type, "write type: " + type);
            }
            if (type.empty() && given.type.empty()) {
                note(pointer, "the connection " + name + " needs a type",
                     "one of the connection types of " + declared->second.connector);
            }
        }
        for (sharing_problem& one : check_sharing(instance_, to_, owners_)) {
            note(pointer_to(pointer_to("/connections", one.connection), "$shared"),
                 std::move(one.message), std::move(one.hint));
        }
        for (const auto& [name, declared] : to_.connections) {
            if (instance_.connections.find(name) == instance_.connections.end()) {
                // Without a type the instance chooses one.
                const std::string type = declared.type.empty() ? "TYPE" : declared.type;
                note("/connections", "the connection " + name + " is missing",
                     "write " + name + ": { type: " + type + ", .. } below connections, with the " +
                         "fields that " + declared.connector + " wants");
            }
        }
    }

    const instance_file& instance_;
    const integration& to_;
    const sharing& owners_;
    std::vector<base::error> problems_;
};

}  // namespace

std::vector<base::error> rename_warnings(const instance_file& instance, const integration& to) {
    std::vector<base::error> made;
    for (const auto& [old_name, name] : to.renamed_config) {
        if (instance.config.find(old_name) == nullptr) continue;
        made.push_back(problem_at(instance, pointer_to("/config", old_name),
                                  "config." + old_name + " is called config." + name + " now",
                                  "its value is used; rename it"));
    }
    return made;
}

std::vector<base::error> check_instance(const instance_file& instance, const integration& to,
                                        const sharing& owners) {
    return check(instance, to, owners).run();
}

}  // namespace sluice::manifest
