#include "instance/connection_store.hpp"

#include <utility>

#include "base/log.hpp"

namespace sluice::instance {
namespace {

std::string key_of(const connection_id& id) { return id.owner + '/' + id.name; }

}  // namespace

base::result<std::map<connection_id, connection_record>> connection_store::load() {
    base::result<std::vector<store::config_record>> found = store_.config(connection_kind);
    if (!found) return std::move(found).error_value();
    std::map<connection_id, connection_record> out;
    for (const store::config_record& one : *found) {
        const std::size_t slash = one.key.find('/');
        if (slash == std::string::npos) continue;
        connection_id id{one.key.substr(0, slash), one.key.substr(slash + 1)};
        base::result<connection_record> read = connection_record::parse(id, one.value_json, vault_);
        if (!read) {
            connection_record damaged;
            damaged.state = connection_record::state_kind::error;
            damaged.reason = "what is kept of it cannot be read: " + read.error_value().message;
            base::log(base::log_level::error, "tokens of a connection cannot be read",
                      {{"connection", id.to_text()}, {"why", read.error_value().to_text()}});
            read = std::move(damaged);
        }
        out.emplace(std::move(id), std::move(*read));
    }
    return out;
}

void connection_store::put(const connection_id& id, std::shared_ptr<const connection_record> record,
                           done finished) {
    change(id, std::move(record), std::move(finished));
}

void connection_store::remove(const connection_id& id, done finished) {
    change(id, nullptr, std::move(finished));
}

void connection_store::change(const connection_id& id,
                              std::shared_ptr<const connection_record> record, done finished) {
    run_blocking_([this, id, record = std::move(record), finished = std::move(finished)] {
        auto tell = [&loop = loop_, finished](base::result<void> outcome) {
            loop.post([finished, outcome = std::move(outcome)] { finished(outcome); });
        };
        std::string text;
        if (record) {
            base::result<std::string> sealed = record->to_json(id, vault_);
            if (!sealed) return tell(std::move(sealed).error_value());
            text = std::move(*sealed);
        }
        const base::result<std::uint64_t> version = version_of(key_of(id));
        if (!version) return tell(version.error_value());
        if (!record && *version == 0) return tell({});
        store_.change_config({{{connection_kind, key_of(id), std::move(text), *version}, !record}},
                             std::move(tell));
    });
}

// 0: there is none.
base::result<std::uint64_t> connection_store::version_of(const std::string& key) {
    // The greatest key below the next one.
    auto found = store_.config_before(connection_kind, key + '\x01', 1);
    if (!found) return std::move(found).error_value();
    const bool is_there = !found->empty() && found->front().key == key;
    return is_there ? found->front().version : 0;
}

}  // namespace sluice::instance
