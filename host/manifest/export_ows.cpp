#include "manifest/export_ows.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "expression/suggestion.hpp"
#include "json/text.hpp"
#include "manifest/export_ows_tasks.hpp"

namespace sluice::manifest {
namespace {

// importIssue -> import-issue: names of documents are lower-case letters, digits and dashes.
std::string document_name(const std::string& flow) {
    std::string out;
    for (const char c : flow) {
        const auto byte = static_cast<unsigned char>(c);
        if (std::isupper(byte) != 0 && !out.empty() && out.back() != '-') out += '-';
        if (std::isalnum(byte) != 0) {
            out += static_cast<char>(std::tolower(byte));
        } else if (!out.empty() && out.back() != '-') {
            out += '-';
        }
    }
    while (out.ends_with('-'))
        out.pop_back();
    return out;
}

// { use: name } of an authentication, wherever it stands.
void collect_named_secrets(const json::value& content, std::set<std::string>& into) {
    if (content.is_array()) {
        for (const json::value& item : content.items())
            collect_named_secrets(item, into);
    }
    if (!content.is_object()) return;
    for (const std::string_view kind : {"basic", "bearer", "digest", "oauth2", "oidc"}) {
        const json::value& named = content.get(kind).get("use");
        if (named.is_string()) into.insert(named.as_string());
    }
    for (const auto& [name, member] : content.members())
        collect_named_secrets(member, into);
}

std::string listed(const std::set<std::string>& names) {
    std::string out;
    for (const std::string& each : names)
        out += (out.empty() ? "" : ", ") + each;
    return out;
}

class exporter {
  public:
    exporter(const integration& of, const flow& what) : of_(of), what_(what) {
        notes_.event_source = "sluice:" + of_.id + '/' + what_.name;
        notes_.name_space = of_.id.substr(0, of_.id.find('/'));
        const std::string whole = of_.id.substr(of_.id.find('/') + 1);
        std::set<std::string> taken;
        for (const flow& each : of_.flows) {
            const std::string wanted = whole + '-' + document_name(each.name);
            std::string name = wanted;
            for (int n = 2; !taken.insert(name).second; ++n)
                name = wanted + '-' + std::to_string(n);
            names_.emplace(each.name, std::move(name));
        }
        notes_.name_of_flow = [this](const std::string& name) { return name_of(name); };
        notes_.is_secret = [this](const std::string& name) {
            const auto found = of_.config.find(name);
            return found != of_.config.end() && found->second.secret();
        };
        notes_.is_own_function = [this](const std::string& name) {
            return of_.document.get("use").get("functions").find(name) != nullptr;
        };
    }

    exported_flow run() {
        const json::value& from = what_.definition;
        json::value out = json::value::object({{"document", head()}});
        copy_part("input", out);
        const json::value schedule = export_schedule();
        if (!schedule.is_null()) out.set("schedule", schedule);
        const json::value tasks = export_tasks(from.get("do"), notes_);
        json::value use = export_use();
        if (use.size() > 0) out.set("use", std::move(use));
        copy_part("timeout", out);
        out.set("do", tasks);
        copy_part("output", out);
        note_envelope();
        note_tasks(out);
        return {std::move(out), std::move(differences_)};
    }

  private:
    void say(std::string sentence) { differences_.push_back(std::move(sentence)); }

    // A computed name stays as it is.
    std::string name_of(const std::string& flow) const {
        const auto found = names_.find(flow);
        return found == names_.end() ? flow : found->second;
    }

    json::value head() const {
        const json::value& declared = of_.document;
        json::value out = json::value::object({{"dsl", declared.string_or("dsl", "1.0.3")},
                                               {"namespace", notes_.name_space},
                                               {"name", name_of(what_.name)},
                                               {"version", of_.version}});
        const std::string title =
            what_.definition.string_or("title", of_.title + ": " + what_.name);
        out.set("title", title);
        const json::value& text = what_.definition.get("description");
        if (text.is_string()) out.set("summary", text);
        return out;
    }

    void copy_part(std::string_view name, json::value& into) {
        const json::value* const part = what_.definition.find(name);
        if (part == nullptr) return;
        into.set(std::string(name), export_task(*part, notes_));
        if (name == "timeout") notes_.computed_durations |= holds_expression(*part);
    }

    json::value export_schedule() {
        const json::value& trigger = what_.definition.get("trigger");
        if (const json::value* const event = trigger.find("event")) {
            json::value strategy = *event;
            strategy.erase("read");
            if (event->find("read") != nullptr) say("`read` of the trigger is left out");
            const json::value listen = export_task(
                json::value::object({{"listen", json::value::object({{"to", strategy}})}}), notes_);
            return json::value::object({{"on", listen.get("listen").get("to")}});
        }
        const auto* const rules = std::get_if<schedule_trigger>(&what_.trigger);
        if (rules == nullptr) {
            const std::string kind = trigger.size() == 1 ? trigger.members().front().first : "";
            if (kind != "call") {
                say("the trigger `" + kind +
                    "` has no counterpart: whoever runs the document "
                    "gives it the trigger's payload as input");
            }
            return {};
        }
        const json::value& written = trigger.get("schedule");
        say("the payload of a schedule, {nominal, missed}, is not given");
        const auto variable = of_.config.find(rules->cron_config);
        const bool has_zone = !rules->time_zone.empty() ||
                              (variable != of_.config.end() && !variable->second.time_zone.empty());
        if (has_zone) say("the schedule's time zone is left out");
        for (const std::string_view name : {"overlap", "missed"}) {
            if (written.find(name) != nullptr)
                say("`" + std::string(name) + "` of the schedule is left out");
        }
        for (const std::string_view name : {"every", "after"}) {
            if (const json::value* const length = written.find(name)) {
                return json::value::object({{std::string(name), *length}});
            }
        }
        if (rules->cron_config.empty()) return json::value::object({{"cron", rules->cron}});
        const bool has_default = variable != of_.config.end() && variable->second.default_value;
        say("the schedule comes from config." + rules->cron_config +
            (has_default ? "; its default stands in the document" : ", which has no default"));
        if (!has_default) return {};
        const json::value& cron = *variable->second.default_value;
        return json::value::object({{"cron", cron.is_object() ? cron.get("cron") : cron}});
    }

    // Parts that have fields like tasks: policies and functions.
    json::value export_use() {
        json::value out = json::value::object();
        const json::value& declared = of_.document.get("use");
        if (declared.is_object()) {
            for (const auto& [kind, parts] : declared.members()) {
                json::value made = json::value::object();
                if (!parts.is_object()) continue;
                for (const auto& [name, part] : parts.members())
                    made.set(name, kind == "errors"
                                       ? export_error(part)
                                       : export_references(export_task(part, notes_), notes_));
                if (kind == "timeouts") notes_.computed_durations |= holds_expression(parts);
                out.set(kind, std::move(made));
            }
            const json::value& secrets = declared.get("secrets");
            for (std::size_t i = 0; i < secrets.size(); ++i) {
                if (secrets.is_array()) notes_.secrets.insert(secrets.at(i).as_string());
            }
        }
        collect_named_secrets(declared, notes_.secrets);
        collect_named_secrets(what_.definition, notes_.secrets);
        if (notes_.secrets.empty()) return out;
        std::vector<json::value> names(notes_.secrets.begin(), notes_.secrets.end());
        out.set("secrets", json::value::array(std::move(names)));
        return out;
    }

    void note_envelope() {
        for (const std::string_view name : {"queue", "retry", "callback", "record"}) {
            if (what_.definition.find(name) == nullptr) continue;
            say("`" + std::string(name) + "` of the flow is left out");
        }
    }

    void note_tasks(const json::value& document) {
        if (!notes_.functions.empty()) {
            say("functions that the runtime must offer: " + listed(notes_.functions));
        }
        if (notes_.computed_durations) {
            say("a duration is an expression, which the specification's schema does not know");
        }
        if (notes_.ways_of_catch) {
            say("a catch has `then`, which the specification's schema does not know");
        }
        const std::string text = json::to_text(document);
        std::set<std::string> variables;
        for (const std::string_view name : {"config", "instance", "steps", "trigger"}) {
            const std::string variable = "$" + std::string(name);
            for (std::size_t at = text.find(variable); at != std::string::npos;
                 at = text.find(variable, at + 1)) {
                const char next = text[std::min(at + variable.size(), text.size() - 1)];
                if (std::isalnum(static_cast<unsigned char>(next)) == 0 && next != '_') {
                    variables.insert(variable);
                }
            }
        }
        if (!variables.empty()) {
            say("variables that only Sluice has: " + listed(variables) +
                (variables.contains("$trigger") ? " ($workflow.input is the same as $trigger)"
                                                : ""));
        }
    }

    const integration& of_;
    const flow& what_;
    std::map<std::string, std::string> names_;  // of documents, by flow
    export_notes notes_;
    std::vector<std::string> differences_;
};

}  // namespace

base::result<exported_flow> export_ows(const integration& of, const std::string& flow) {
    std::vector<std::string> names;
    const manifest::flow* found = nullptr;
    for (const manifest::flow& each : of.flows) {
        if (!each.definition.get("do").is_array()) continue;  // the host's own
        names.push_back(each.name);
        if (each.name == flow) found = &each;
    }
    if (found != nullptr) return exporter(of, *found).run();
    return base::make_error(base::error_code::not_found,
                            of.source + " has no flow \"" + flow + "\"",
                            expression::did_you_mean(flow, names));
}

}  // namespace sluice::manifest
