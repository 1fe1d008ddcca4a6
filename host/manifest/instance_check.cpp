#include <utility>

#include "expression/suggestion.hpp"
#include "manifest/config_reader.hpp"
#include "manifest/cron.hpp"
#include "manifest/document.hpp"
#include "manifest/instance_file.hpp"
#include "manifest/instance_reader.hpp"

namespace sluice::manifest {
namespace {

class check {
  public:
    check(const instance_file& instance, const integration& to) : instance_(instance), to_(to) {}

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
        for (const json::member& each : instance_.config.members()) {
            const std::string pointer = pointer_to("/config", each.first);
            const auto declared = to_.config.find(each.first);
            if (declared == to_.config.end()) {
                note(pointer, to_.id + " has no config variable \"" + each.first + "\"",
                     expression::did_you_mean(each.first, known));
            } else if (reference_kind(each.second).empty() &&
                       !fits(declared->second.type, each.second)) {
                note(pointer, "config." + each.first + " must be " +
                                  std::string(kind_name(declared->second.type)));
            } else if (declared->second.type == config_declaration::kind::cron &&
                       each.second.is_string() && !parse_cron(each.second.as_string())) {
                const base::error wrong = parse_cron(each.second.as_string()).error_value();
                note(pointer, wrong.message, wrong.hint);
            } else if (declared->second.secret() && reference_kind(each.second).empty()) {
                note(pointer, "the secret config." + each.first + " is written in the file",
                     "use { $env: NAME } or { $file: path }");
            }
        }
        for (const auto& [name, declared] : to_.config) {
            if (declared.required && !declared.default_value &&
                instance_.config.find(name) == nullptr) {
                note("/config", "config." + name + " is required", declared.description);
            }
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
            const std::string& type = declared->second.type;
            if (!type.empty() && !given.type.empty() && type != given.type) {
                note(pointer_to(pointer, "type"),
                     "the connection " + name + " must be of type " + type);
            }
            if (type.empty() && given.type.empty()) {
                note(pointer, "the connection " + name + " needs a type",
                     "one of the connection types of " + declared->second.connector);
            }
        }
        for (const auto& [name, declared] : to_.connections) {
            if (instance_.connections.find(name) == instance_.connections.end()) {
                note("/connections", "the connection " + name + " is missing",
                     "it is one of " + declared.connector);
            }
        }
    }

    const instance_file& instance_;
    const integration& to_;
    std::vector<base::error> problems_;
};

}  // namespace

std::vector<base::error> check_instance(const instance_file& instance, const integration& to) {
    return check(instance, to).run();
}

}  // namespace sluice::manifest
