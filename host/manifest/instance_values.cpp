#include <utility>

#include "base/encoding.hpp"
#include "base/file.hpp"
#include "manifest/config_value.hpp"
#include "manifest/document.hpp"
#include "manifest/instance_file.hpp"
#include "manifest/instance_reader.hpp"

namespace sluice::manifest {
namespace {

constexpr std::size_t largest_file = 1 << 20;

class resolution {
  public:
    resolution(const instance_file& instance, const environment& lookup)
        : instance_(instance), lookup_(lookup) {}

    // The value with every reference inside it replaced.
    json::value resolve(const json::value& content, const std::string& pointer) {
        const std::string_view kind = reference_kind(content);
        if (kind == "$env") return read_variable(content.get("$env").as_string(), pointer);
        if (kind == "$file") return read_file(content.get("$file").as_string(), pointer);
        if (content.is_array()) {
            std::vector<json::value> items;
            for (std::size_t i = 0; i < content.size(); ++i) {
                items.push_back(resolve(content.at(i), pointer_to(pointer, i)));
            }
            return json::value::array(std::move(items));
        }
        if (content.is_object()) {
            std::vector<json::member> members;
            for (const json::member& each : content.members()) {
                members.emplace_back(each.first,
                                     resolve(each.second, pointer_to(pointer, each.first)));
            }
            return json::value::object(std::move(members));
        }
        return content;
    }

    void note(const std::string& pointer, std::string message, std::string hint) {
        problems.push_back(problem_at(instance_, pointer, std::move(message), std::move(hint)));
    }

    std::vector<base::error> problems;

  private:
    json::value read_variable(const std::string& name, const std::string& pointer) {
        std::optional<std::string> found = lookup_(name);
        if (!found) {
            note(pointer, "the environment variable " + name + " is not set",
                 "set it for the host's process");
            return {};
        }
        return keep_text(std::move(*found), "the environment variable " + name, pointer);
    }

    json::value read_file(const std::string& name, const std::string& pointer) {
        std::filesystem::path path = name;
        if (path.is_relative()) path = std::filesystem::path(instance_.source).parent_path() / path;
        base::result<std::string> text = base::read_file(path, largest_file);
        if (!text) {
            note(pointer, text.error_value().message, text.error_value().hint);
            return {};
        }
        if (text->ends_with('\n')) text->pop_back();
        if (text->ends_with('\r')) text->pop_back();
        return keep_text(std::move(*text), "the file " + path.string(), pointer);
    }

    json::value keep_text(std::string text, const std::string& what, const std::string& pointer) {
        if (base::is_valid_utf8(text)) return json::value(std::move(text));
        note(pointer, what + " is not UTF-8 text", "");
        return {};
    }

    const instance_file& instance_;
    const environment& lookup_;
};

void collect_references(const json::value& content, const std::string& pointer,
                        std::map<std::string, json::value>& into) {
    if (!reference_kind(content).empty()) {
        into.emplace(pointer, content);
    } else if (content.is_object()) {
        for (const auto& [name, member] : content.members())
            collect_references(member, pointer_to(pointer, name), into);
    } else if (content.is_array()) {
        for (std::size_t i = 0; i < content.size(); ++i)
            collect_references(content.at(i), pointer_to(pointer, i), into);
    }
}

}  // namespace

std::map<std::string, json::value> references_of(const json::value& document) {
    std::map<std::string, json::value> out;
    collect_references(document, "", out);
    return out;
}

values_outcome resolve_values(const instance_file& instance, const integration& of,
                              const environment& lookup) {
    values_outcome made;
    resolution work(instance, lookup);
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
