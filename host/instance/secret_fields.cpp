#include "instance/secret_fields.hpp"

namespace sluice::instance {

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

void collect_secrets(const json::value& fields, const std::string& connector,
                     const manifest::version_constraint* wanted, const secret_fields& known,
                     std::vector<std::string>& into) {
    std::optional<std::vector<std::string>> names;
    if (known) names = known(connector, wanted, fields.string_or("type", ""));
    if (!names) return collect_texts(fields, into);
    for (const std::string& name : *names)
        collect_texts(fields.get(name), into);
}

}  // namespace sluice::instance
