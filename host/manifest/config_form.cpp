#include "manifest/config_form.hpp"

#include <set>
#include <utility>

#include "manifest/config_option.hpp"
#include "manifest/config_type.hpp"

namespace sluice::manifest {
namespace {

void set_text(json::value& into, std::string key, const std::string& text) {
    if (!text.empty()) into.set(std::move(key), json::value(text));
}

template <class T>
void set_given(json::value& into, std::string key, const std::optional<T>& content) {
    if (content) into.set(std::move(key), json::value(*content));
}

json::value source_json(const config_source& of) {
    json::value needs = json::value::array();
    for (const std::string& each : of.needs)
        needs.push(json::value(each));
    json::value made = json::value::object({{"call", of.connector + "." + of.action}});
    set_text(made, "connection", of.connection);
    made.set("needs", std::move(needs));
    return made;
}

json::value field_json(const config_field& of) {
    json::value made = json::value::object({{"name", of.name}});
    set_text(made, "title", of.title);
    set_text(made, "description", of.description);
    made.set("required", of.required);
    return made;
}

json::value variable_json(const std::string& name, const config_declaration& of) {
    const bool everyone = of.visibility == config_declaration::audience::customer;
    json::value made = json::value::object({{"name", name},
                                            {"type", config_type_of(of.type).name},
                                            {"title", of.title.empty() ? name : of.title}});
    set_text(made, "description", of.description);
    made.set("required", of.required && !of.default_value);
    made.set("visibility", everyone ? "customer" : "organization");
    set_given(made, "default", of.default_value);
    set_text(made, "timezone", of.time_zone);
    set_text(made, "pattern", of.pattern);
    set_text(made, "patternHint", of.pattern_hint);
    set_given(made, "minLength", of.shortest);
    set_given(made, "maxLength", of.longest);
    set_given(made, "minimum", of.minimum);
    set_given(made, "maximum", of.maximum);
    if (of.source) made.set("source", source_json(*of.source));
    if (!of.options.empty()) made.set("options", options_json(of.options));
    if (!of.fields.empty()) {
        json::value fields = json::value::array();
        for (const config_field& each : of.fields)
            fields.push(field_json(each));
        made.set("fields", std::move(fields));
    }
    return made;
}

class form {
  public:
    form(const integration& of, config_declaration::audience reader) : of_(of), reader_(reader) {}

    json::value run() {
        std::set<std::string, std::less<>> placed;
        for (const config_page& each : of_.pages) {
            placed.insert(each.variables.begin(), each.variables.end());
            add(each);
        }
        config_page rest;
        const json::value& written = of_.document.get("config");
        for (const json::member& each :
             written.is_object() ? written.members() : std::span<const json::member>()) {
            if (!placed.contains(each.first)) rest.variables.push_back(each.first);
        }
        add(rest);
        return json::value::object({{"integration", of_.id},
                                    {"version", of_.version},
                                    {"title", of_.title},
                                    {"pages", std::move(pages_)}});
    }

  private:
    void add(const config_page& page) {
        json::value variables = json::value::array();
        for (const std::string& name : page.variables) {
            const config_declaration& declared = of_.config.find(name)->second;
            const bool hidden = reader_ == config_declaration::audience::customer &&
                                declared.visibility == config_declaration::audience::organization;
            if (!hidden) variables.push(variable_json(name, declared));
        }
        if (variables.size() == 0) return;
        json::value made = json::value::object();
        set_text(made, "title", page.title);
        set_text(made, "description", page.description);
        made.set("variables", std::move(variables));
        pages_.push(std::move(made));
    }

    const integration& of_;
    const config_declaration::audience reader_;
    json::value pages_ = json::value::array();
};

}  // namespace

json::value config_form(const integration& of, config_declaration::audience reader) {
    return form(of, reader).run();
}

}  // namespace sluice::manifest
