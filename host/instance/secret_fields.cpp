#include "instance/secret_fields.hpp"

#include <algorithm>

namespace sluice::instance {
namespace {

void collect_texts(const json::value& fields, std::vector<std::string>& into) {
    if (fields.is_string()) {
        const std::string& text = fields.as_string();
        if (!text.starts_with("http://") && !text.starts_with("https://")) into.push_back(text);
    } else if (fields.is_object()) {
        for (const auto& [name, member] : fields.members()) {
            if (name != "type") collect_texts(member, into);
        }
    } else if (fields.is_array()) {
        for (const json::value& item : fields.items())
            collect_texts(item, into);
    }
}

std::optional<field_secrecy> ask(const json::value& fields, const std::string& connector,
                                 const manifest::version_constraint* wanted,
                                 const secret_fields& known) {
    if (!known) return std::nullopt;
    return known(connector, wanted, fields.string_or("type", ""));
}

}  // namespace

void collect_logged(const json::value& fields, const json::value& given,
                    const std::string& connector, const manifest::version_constraint* wanted,
                    const secret_fields& known, std::vector<std::string>& into) {
    const std::optional<field_secrecy> said = ask(fields, connector, wanted, known);
    for (const auto& [name, content] : fields.members()) {
        const bool harmless = said && std::ranges::count(said->harmless, name) > 0;
        if (name == "type" || (harmless && given.get(name).is_string())) continue;
        collect_texts(content, into);
    }
}

void collect_secrets(const json::value& fields, const std::string& connector,
                     const manifest::version_constraint* wanted, const secret_fields& known,
                     std::vector<std::string>& into) {
    const std::optional<field_secrecy> said = ask(fields, connector, wanted, known);
    if (!said) return collect_texts(fields, into);
    for (const std::string& name : said->secret)
        collect_texts(fields.get(name), into);
}

}  // namespace sluice::instance
