#include "instance/kept_instances.hpp"

#include <string_view>
#include <utility>
#include <vector>

#include "instance/connection_record.hpp"
#include "instance/endpoint.hpp"
#include "instance/endpoint_keys.hpp"
#include "json/text.hpp"
#include "manifest/load.hpp"

namespace sluice::instance {
namespace {

constexpr std::string_view document_field = "document";

base::error about(const std::string& instance, base::error why) {
    why.message = "the kept instance \"" + instance + "\": " + why.message;
    return why;
}

}  // namespace

base::result<kept_map> kept_instances::load() const {
    base::result<std::vector<store::config_record>> found = store_.config(instance_kind);
    if (!found) return std::move(found).error_value();
    kept_map out;
    for (const store::config_record& record : *found) {
        base::result<kept_instance> one = open(record);
        if (!one) return about(record.key, std::move(one).error_value());
        out.emplace(record.key, std::make_shared<const kept_instance>(std::move(*one)));
    }
    return out;
}

base::result<kept_instance> kept_instances::open(const store::config_record& record) const {
    const base::result<json::value> content = json::parse(record.value_json);
    if (!content) return content.error_value();
    const base::result<base::secret> text =
        vault_.open(record.key, document_field, content->string_or("document", ""));
    if (!text) return text.error_value();
    auto loaded =
        manifest::parse_instance(text->reveal(), "the kept instance \"" + record.key + "\"");
    if (!loaded.content) return std::move(loaded.problems.front());
    return kept_instance{std::move(*loaded.content), content->string_or("version", ""),
                         content->string_or("previous", ""), content->bool_or("paused", false),
                         content->bool_or("removing", false)};
}

base::result<std::vector<store::config_change>> kept_instances::changes(
    const kept_map& wanted) const {
    std::vector<std::string> names;
    for (const auto& [name, ignored] : wanted)
        names.push_back(name);
    if (base::result<void> made = vault_.prepare_now(names); !made) return made.error_value();
    std::vector<store::config_change> out;
    for (const auto& [name, one] : wanted) {
        base::result<store::config_change> change = sealed(name, *one);
        if (!change) return std::move(change).error_value();
        out.push_back(std::move(*change));
    }
    return out;
}

base::result<store::config_change> kept_instances::sealed(const std::string& name,
                                                          const kept_instance& what) const {
    const base::result<std::string> document =
        vault_.seal(name, document_field, base::secret(json::to_text(what.file.document)));
    if (!document) return document.error_value();
    const json::value record = json::value::object({{"integration", what.file.integration},
                                                    {"version", what.version},
                                                    {"previous", what.previous},
                                                    {"paused", what.paused},
                                                    {"removing", what.removing},
                                                    {"document", *document}});
    return store::config_change{{instance_kind, name, json::to_text(record), 0}, false};
}

void forget_instance(store::store& from, vault& keys, const std::string& instance,
                     store::config_change record, vault::done finished) {
    std::vector<store::config_change> changes;
    changes.push_back(std::move(record));
    for (const char* const kind :
         {instance_kind, endpoint_kind, endpoint_key_kind, connection_kind}) {
        const auto found = from.config(kind);
        if (!found) return finished(found.error_value());
        for (const store::config_record& one : *found) {
            const bool its_own =
                kind == instance_kind ? one.key == instance : one.key.starts_with(instance + "/");
            if (its_own) changes.push_back({{kind, one.key, "", one.version}, true});
        }
    }
    keys.forget(instance, std::move(changes), std::move(finished));
}

}  // namespace sluice::instance
