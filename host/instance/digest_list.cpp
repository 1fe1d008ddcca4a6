#include "instance/digest_list.hpp"

#include <memory>
#include <optional>
#include <utility>

#include "base/encoding.hpp"
#include "base/ids.hpp"
#include "base/log.hpp"
#include "json/text.hpp"
#include "store/change_now.hpp"
#include "store/record_versions.hpp"

namespace sluice::instance {
namespace {

constexpr const char* hash_name = "sha256";

}  // namespace

digest_list::digest_list(digest_ports ports, std::string kind, std::string prefix, std::string noun)
    : ports_(std::move(ports)),
      kind_(std::move(kind)),
      prefix_(std::move(prefix)),
      noun_(std::move(noun)) {}

base::result<std::vector<digest_list::entry>> digest_list::open() {
    base::result<std::vector<store::config_record>> records = ports_.store.config(kind_);
    if (!records) return std::move(records).error_value();
    std::vector<entry> out;
    for (const store::config_record& record : *records) {
        base::result<json::value> content = json::parse(record.value_json);
        std::optional<std::string> hash;
        if (content) hash = base::from_hex(content->string_or(hash_name, ""));
        if (!hash || hash->size() != base::sha256("").size()) {
            return base::make_error(
                base::error_code::internal,
                "the record of " + noun_ + " " + record.key + " in the store is damaged");
        }
        keep(record.key, std::move(*hash));
        content->erase(hash_name);
        out.push_back({record.key, std::move(*content)});
    }
    return out;
}

void digest_list::keep(const std::string& key, std::string hash) {
    key_by_hash_[hash] = key;
    hash_by_key_[key] = std::move(hash);
}

const std::string* digest_list::find(std::string_view text) const {
    if (!text.starts_with(prefix_)) return nullptr;
    const auto known = key_by_hash_.find(base::sha256(text));
    return known == key_by_hash_.end() ? nullptr : &known->second;
}

digest_list::made digest_list::make(const std::string& key, json::value facts) {
    made out;
    out.key = key;
    out.text = base::secret(prefix_ + base::make_token(ports_.random));
    base::add_log_secret(out.text.reveal());
    out.hash = base::sha256(out.text.reveal());
    facts.set(hash_name, base::to_hex(out.hash));
    out.change = {{kind_, key, json::to_text(facts), 0}, false};
    return out;
}

void digest_list::create(const std::string& key, json::value facts,
                         std::function<void(base::result<base::secret>)> done) {
    auto fresh = std::make_shared<made>(make(key, std::move(facts)));
    ports_.store.change_config(
        {fresh->change}, [this, fresh, done = std::move(done)](base::result<void> written) {
            ports_.loop.post([this, fresh, done, written = std::move(written)] {
                if (!written) return done(written.error_value());
                keep(fresh->key, std::move(fresh->hash));
                done(std::move(fresh->text));
            });
        });
}

base::result<base::secret> digest_list::create_now(const std::string& key, json::value facts) {
    made fresh = make(key, std::move(facts));
    base::result<void> written = store::change_config_now(ports_.store, {fresh.change});
    if (!written) return std::move(written).error_value();
    keep(key, std::move(fresh.hash));
    return std::move(fresh.text);
}

void digest_list::revoke(const std::string& key, std::function<void(base::result<void>)> done) {
    if (!hash_by_key_.contains(key)) {
        return ports_.loop.post([noun = noun_, key, done = std::move(done)] {
            done(base::make_error(base::error_code::not_found, "there is no " + noun + " " + key));
        });
    }
    ports_.run_blocking([this, key, done = std::move(done)] {
        const auto tell = [this, key, done](const base::result<void>& written) {
            ports_.loop.post([this, key, done, written] {
                if (written) forget(key);
                done(written);
            });
        };
        base::result<store::config_change> change = removal(key);
        if (!change) return tell(std::move(change).error_value());
        ports_.store.change_config({std::move(*change)}, tell);
    });
}

// A write does not say which version it made, so the store is asked.
base::result<store::config_change> digest_list::removal(const std::string& key) {
    const auto stored = store::read_record(ports_.store, kind_, key);
    if (!stored) return stored.error_value();
    if (*stored) return store::config_change{{kind_, key, "", (*stored)->version}, true};
    return base::make_error(base::error_code::not_found, "there is no " + noun_ + " " + key);
}

void digest_list::forget(const std::string& key) {
    const auto known = hash_by_key_.find(key);
    if (known == hash_by_key_.end()) return;
    key_by_hash_.erase(known->second);
    hash_by_key_.erase(known);
}

}  // namespace sluice::instance
