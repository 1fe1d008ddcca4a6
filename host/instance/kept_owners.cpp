#include "instance/kept_owners.hpp"

#include <string_view>
#include <utility>

#include "instance/connection_record.hpp"
#include "json/text.hpp"
#include "manifest/load.hpp"

namespace sluice::instance {
namespace {

constexpr std::string_view owner_document = "document";

}  // namespace

base::result<owner_map> kept_owners::load() const {
    base::result<std::vector<store::config_record>> found = store_.config(owner_kind);
    if (!found) return std::move(found).error_value();
    owner_map out;
    for (const store::config_record& record : *found) {
        const std::string name = "the kept document of " + owner_text(record.key);
        const auto failed = [&name](base::error why) {
            why.message = name + ": " + why.message;
            return why;
        };
        const base::result<json::value> content = json::parse(record.value_json);
        if (!content) return failed(content.error_value());
        const base::result<base::secret> text =
            vault_.open(record.key, owner_document, content->string_or("document", ""));
        if (!text) return failed(text.error_value());
        auto loaded = manifest::parse_owner(text->reveal(), name);
        if (!loaded.content) return failed(std::move(loaded.problems.front()));
        auto one = std::make_shared<owner>();
        one->file = std::move(*loaded.content);
        out.emplace(record.key, std::move(one));
    }
    return out;
}

base::result<std::vector<store::config_change>> kept_owners::changes(
    const owner_map& wanted) const {
    std::vector<store::config_change> out;
    if (wanted.empty()) return out;
    std::vector<std::string> names;
    for (const auto& [id, one] : wanted) {
        if (one) names.push_back(id);
    }
    if (base::result<void> made = vault_.prepare_now(names); !made) return made.error_value();
    for (const auto& [id, one] : wanted) {
        if (!one) {
            out.push_back({{owner_kind, id, "", 0}, true});
            continue;
        }
        base::result<store::config_change> change = sealed(id, *one);
        if (!change) return std::move(change).error_value();
        out.push_back(std::move(*change));
    }
    if (base::result<void> dropped = drop_tokens(wanted, out); !dropped) {
        return dropped.error_value();
    }
    return out;
}

base::result<store::config_change> kept_owners::sealed(const std::string& id,
                                                       const owner& what) const {
    const base::result<std::string> document =
        vault_.seal(id, owner_document, base::secret(json::to_text(what.file.document)));
    if (!document) return document.error_value();
    const json::value record = json::value::object({{"document", *document}});
    return store::config_change{{owner_kind, id, json::to_text(record), 0}, false};
}

base::result<void> kept_owners::drop_tokens(const owner_map& wanted,
                                            std::vector<store::config_change>& into) const {
    const auto found = store_.config(connection_kind);
    if (!found) return found.error_value();
    for (const store::config_record& record : *found) {
        const std::size_t slash = record.key.find('/');
        const auto of = wanted.find(record.key.substr(0, slash));
        if (slash == std::string::npos || of == wanted.end()) continue;
        const std::string name = record.key.substr(slash + 1);
        if (of->second && of->second->file.connections.contains(name)) continue;
        into.push_back({{connection_kind, record.key, "", 0}, true});
    }
    return {};
}

}  // namespace sluice::instance
