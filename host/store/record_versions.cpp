#include "store/record_versions.hpp"

#include <map>
#include <unordered_map>
#include <utility>

namespace sluice::store {
namespace {

// With more than this of one kind, all records of it are read at once.
constexpr std::size_t few = 8;

}  // namespace

base::result<std::optional<config_record>> read_record(reader& from, const std::string& kind,
                                                       const std::string& key) {
    // The least text that is greater, of all that have no control characters.
    auto page = from.config_before(kind, key + ' ', 1);
    if (!page) return std::move(page).error_value();
    if (page->empty() || page->front().key != key) return std::optional<config_record>();
    return std::optional<config_record>(std::move(page->front()));
}

base::result<void> number_changes(reader& from, std::vector<config_change>& changes) {
    std::map<std::string, std::vector<config_record*>> of_kind;
    for (config_change& change : changes)
        of_kind[change.record.kind].push_back(&change.record);
    for (auto& [kind, records] : of_kind) {
        std::unordered_map<std::string, std::uint64_t> versions;
        if (records.size() <= few) {
            for (const config_record* one : records) {
                const auto found = read_record(from, kind, one->key);
                if (!found) return found.error_value();
                if (*found) versions.emplace(one->key, (*found)->version);
            }
        } else {
            const auto all = from.config(kind);
            if (!all) return all.error_value();
            for (const config_record& one : *all)
                versions.emplace(one.key, one.version);
        }
        for (config_record* one : records) {
            const auto found = versions.find(one->key);
            one->version = found == versions.end() ? 0 : found->second;
        }
    }
    return {};
}

}  // namespace sluice::store
