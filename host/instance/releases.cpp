#include "instance/releases.hpp"

#include <algorithm>
#include <utility>

#include "json/text.hpp"
#include "manifest/load.hpp"
#include "store/record_versions.hpp"

namespace sluice::instance {

const release* release_list::find_hash(std::string_view hash) const {
    const auto found = std::find_if(all_.begin(), all_.end(),
                                    [&](const release& one) { return one.hash == hash; });
    return found == all_.end() ? nullptr : &*found;
}

const release* release_list::find_version(std::string_view version) const {
    const auto found = std::find_if(all_.rbegin(), all_.rend(),
                                    [&](const release& one) { return one.version == version; });
    return found == all_.rend() ? nullptr : &*found;
}

void release_list::add(release one) {
    std::erase_if(all_, [&](const release& other) { return other.hash == one.hash; });
    all_.push_back(std::move(one));
}

void release_list::add_old(release one) {
    if (find_hash(one.hash) == nullptr) all_.insert(all_.begin(), std::move(one));
}

std::string release_list::to_text() const {
    json::value out = json::value::array();
    for (const release& one : all_)
        out.push(json::value::object({{"version", one.version}, {"hash", one.hash}}));
    return json::to_text(json::value::object({{"releases", std::move(out)}}));
}

base::result<release_list> release_list::parse(const std::string& text) {
    const base::result<json::value> content = json::parse(text);
    if (!content) return content.error_value();
    release_list out;
    const json::value releases = content->get("releases");
    for (std::size_t i = 0; i < releases.size(); ++i) {
        const json::value& one = releases.at(i);
        out.all_.push_back({one.string_or("version", ""), one.string_or("hash", "")});
    }
    return out;
}

base::result<release_lists> read_releases(store::reader& from) {
    const base::result<std::vector<store::config_record>> records = from.config(release_kind);
    if (!records) return records.error_value();
    release_lists out;
    for (const store::config_record& record : *records) {
        base::result<release_list> one = release_list::parse(record.value_json);
        if (!one) return std::move(one).error_value();
        out.emplace(record.key, std::move(*one));
    }
    return out;
}

base::result<std::shared_ptr<const manifest::integration>> read_version(store::reader& from,
                                                                        const std::string& hash) {
    const base::result<std::optional<store::config_record>> found =
        store::read_record(from, version_kind, hash);
    if (!found) return found.error_value();
    if (!*found) {
        return base::make_error(base::error_code::not_found,
                                "version " + hash + " of the integration is not in the store");
    }
    auto loaded = manifest::parse_integration((*found)->value_json, "kept version " + hash);
    if (!loaded.content) return std::move(loaded.problems.front());
    return std::make_shared<const manifest::integration>(std::move(*loaded.content));
}

}  // namespace sluice::instance
