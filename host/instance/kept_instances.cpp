#include "instance/kept_instances.hpp"

#include <future>
#include <string_view>
#include <utility>
#include <vector>

#include "instance/endpoint_keys.hpp"
#include "json/text.hpp"
#include "manifest/load.hpp"
#include "store/change_now.hpp"

namespace sluice::instance {
namespace {

constexpr std::string_view document_field = "document";

base::error about(const std::string& instance, base::error why) {
    why.message = "the kept instance \"" + instance + "\": " + why.message;
    return why;
}

}  // namespace

base::result<std::map<std::string, kept_instance>> kept_instances::load() {
    base::result<std::vector<store::config_record>> found = store_.config(instance_kind);
    if (!found) return std::move(found).error_value();
    std::map<std::string, kept_instance> out;
    for (const store::config_record& record : *found) {
        base::result<kept_instance> one = open(record);
        if (!one) return about(record.key, std::move(one).error_value());
        known_[record.key] = {record.version, json::to_text(one->file.document), one->version};
        out.emplace(record.key, std::move(*one));
    }
    return out;
}

base::result<kept_instance> kept_instances::open(const store::config_record& record) {
    const base::result<json::value> content = json::parse(record.value_json);
    if (!content) return content.error_value();
    const base::result<base::secret> text =
        vault_.open(record.key, document_field, content->string_or("document", ""));
    if (!text) return text.error_value();
    auto loaded =
        manifest::parse_instance(text->reveal(), "the kept instance \"" + record.key + "\"");
    if (!loaded.content) return std::move(loaded.problems.front());
    return kept_instance{std::move(*loaded.content), content->string_or("version", "")};
}

base::result<void> kept_instances::keep(const std::map<std::string, kept_instance>& wanted) {
    std::vector<std::string> names;
    for (const auto& [name, one] : wanted) {
        const auto found = known_.find(name);
        if (found == known_.end() || found->second.version != one.version ||
            found->second.document != json::to_text(one.file.document)) {
            names.push_back(name);
        }
    }
    if (names.empty()) return {};
    if (base::result<void> prepared = prepare(names); !prepared) return prepared;
    std::vector<store::config_change> changes;
    for (const std::string& name : names) {
        base::result<store::config_change> change = sealed(name, wanted.at(name));
        if (!change) return std::move(change).error_value();
        changes.push_back(std::move(*change));
    }
    return store::change_config_now(store_, std::move(changes));
}

// All at once: they become durable together.
base::result<void> kept_instances::prepare(const std::vector<std::string>& names) {
    std::vector<std::promise<base::result<void>>> made(names.size());
    for (std::size_t i = 0; i < names.size(); ++i) {
        vault_.prepare(names[i], [&one = made[i]](base::result<void> outcome) {
            one.set_value(std::move(outcome));
        });
    }
    base::result<void> all;
    for (auto& one : made) {
        if (base::result<void> outcome = one.get_future().get(); !outcome) all = outcome;
    }
    return all;
}

base::result<store::config_change> kept_instances::sealed(const std::string& name,
                                                          const kept_instance& what) {
    const base::result<std::string> document =
        vault_.seal(name, document_field, base::secret(json::to_text(what.file.document)));
    if (!document) return document.error_value();
    const json::value record = json::value::object({{"integration", what.file.integration},
                                                    {"version", what.version},
                                                    {"document", *document}});
    const auto found = known_.find(name);
    const std::uint64_t before = found == known_.end() ? 0 : found->second.record;
    return store::config_change{{instance_kind, name, json::to_text(record), before}, false};
}

void forget_instance(store::store& from, vault& keys, const std::string& instance,
                     store::config_change record, vault::done finished) {
    std::vector<store::config_change> changes;
    changes.push_back(std::move(record));
    for (const char* const kind : {instance_kind, endpoint_kind, endpoint_key_kind}) {
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
