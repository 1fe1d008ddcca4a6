#include "instance/kept_instances.hpp"

#include <future>
#include <string_view>
#include <utility>
#include <vector>

#include "json/text.hpp"
#include "manifest/load.hpp"

namespace sluice::instance {
namespace {

constexpr std::string_view document_field = "document";

base::error about(const std::string& instance, base::error why) {
    why.message = "the kept instance \"" + instance + "\": " + why.message;
    return why;
}

template <class Begin>
base::result<void> wait_for(Begin begin) {
    std::promise<base::result<void>> answer;
    begin([&answer](base::result<void> outcome) { answer.set_value(std::move(outcome)); });
    return answer.get_future().get();
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
    std::vector<store::config_change> changes;
    for (const auto& [name, one] : wanted) {
        const auto found = known_.find(name);
        if (found != known_.end() && found->second.version == one.version &&
            found->second.document == json::to_text(one.file.document)) {
            continue;
        }
        base::result<store::config_change> change = sealed(name, one);
        if (!change) return std::move(change).error_value();
        changes.push_back(std::move(*change));
    }
    if (changes.empty()) return {};
    return wait_for([&](vault::done finished) {
        store_.change_config(std::move(changes), std::move(finished));
    });
}

base::result<store::config_change> kept_instances::sealed(const std::string& name,
                                                          const kept_instance& what) {
    const base::result<void> prepared =
        wait_for([&](vault::done finished) { vault_.prepare(name, std::move(finished)); });
    if (!prepared) return prepared.error_value();
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
    for (const char* const kind : {instance_kind, endpoint_kind}) {
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
