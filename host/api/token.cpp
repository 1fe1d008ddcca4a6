#include "api/token.hpp"

#include <future>
#include <memory>
#include <optional>
#include <utility>

#include "base/encoding.hpp"
#include "base/log.hpp"
#include "json/text.hpp"

namespace sluice::api {
namespace {

constexpr const char* record_kind = "token";

std::string record_text(const token_facts& facts, const std::string& hash) {
    json::value scopes = json::value::array();
    for (const std::string& name : facts.scopes.names())
        scopes.push(name);
    return json::to_text(json::value::object({{"name", facts.name},
                                              {"scopes", std::move(scopes)},
                                              {"instance", facts.instance},
                                              {"customer", facts.customer},
                                              {"createdMs", facts.created_ms},
                                              {"expiresMs", facts.expires_ms},
                                              {"sha256", base::to_hex(hash)}}));
}

base::error damaged(const std::string& id) {
    return base::make_error(base::error_code::internal,
                            "the record of token " + id + " in the store is damaged");
}

}  // namespace

base::result<void> token_list::open() {
    base::result<std::vector<store::config_record>> records = ports_.store.config(record_kind);
    if (!records) return std::move(records).error_value();
    for (const store::config_record& record : *records) {
        base::result<json::value> content = json::parse(record.value_json);
        if (!content) return damaged(record.key);
        std::optional<std::string> hash = base::from_hex(content->string_or("sha256", ""));
        if (!hash || hash->size() != base::sha256("").size()) return damaged(record.key);
        kept one;
        one.facts.id = record.key;
        one.facts.name = content->string_or("name", "");
        one.facts.instance = content->string_or("instance", "");
        one.facts.customer = content->string_or("customer", "");
        one.facts.created_ms = content->int_or("createdMs", 0);
        one.facts.expires_ms = content->int_or("expiresMs", 0);
        if (!content->get("scopes").is_array()) return damaged(record.key);
        for (const json::value& name : content->get("scopes").items()) {
            // A scope of a newer version of this program gives no right here.
            const auto known = name.is_string() ? parse_scope(name.as_string()) : std::nullopt;
            if (known) one.facts.scopes.add(*known);
        }
        one.hash = std::move(*hash);
        keep(std::move(one));
    }
    return {};
}

void token_list::keep(kept one) {
    id_by_hash_[one.hash] = one.facts.id;
    std::string id = one.facts.id;
    by_id_[std::move(id)] = std::move(one);
}

const token_facts* token_list::find(std::string_view text) const {
    if (!text.starts_with(token_prefix)) return nullptr;
    const auto known = id_by_hash_.find(base::sha256(text));
    if (known == id_by_hash_.end()) return nullptr;
    const token_facts& facts = by_id_.at(known->second).facts;
    const bool expired = facts.expires_ms != 0 && facts.expires_ms <= ports_.clock.unix_ms();
    return expired ? nullptr : &facts;
}

std::vector<token_facts> token_list::all() const {
    std::vector<token_facts> out;
    for (const auto& [id, one] : by_id_)
        out.push_back(one.facts);
    return out;
}

const token_facts* token_list::by_id(const std::string& id) const {
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? nullptr : &found->second.facts;
}

bool token_list::has_administrator(const std::string& but) const {
    const std::int64_t now_ms = ports_.clock.unix_ms();
    for (const auto& [id, one] : by_id_) {
        const token_facts& facts = one.facts;
        const bool valid = facts.expires_ms == 0 || facts.expires_ms > now_ms;
        if (id != but && valid && facts.scopes.has(scope::admin)) return true;
    }
    return false;
}

token_list::made token_list::make(token_facts wanted) {
    made out;
    out.text = base::secret(std::string(token_prefix) + base::make_token(ports_.random));
    base::add_log_secret(out.text.reveal());
    wanted.id = "t" + base::execution_id_text(ports_.ids.next()).substr(1);
    wanted.created_ms = ports_.clock.unix_ms();
    out.record = {std::move(wanted), base::sha256(out.text.reveal())};
    const kept& record = out.record;
    out.change = {{record_kind, record.facts.id, record_text(record.facts, record.hash), 0}, false};
    return out;
}

void token_list::create(token_facts wanted, std::function<void(base::result<created_token>)> done) {
    auto fresh = std::make_shared<made>(make(std::move(wanted)));
    ports_.store.change_config(
        {fresh->change}, [this, fresh, done = std::move(done)](base::result<void> written) {
            ports_.loop.post([this, fresh, done, written = std::move(written)] {
                if (!written) return done(written.error_value());
                token_facts facts = fresh->record.facts;
                keep(std::move(fresh->record));
                done(created_token{std::move(facts), std::move(fresh->text)});
            });
        });
}

base::result<created_token> token_list::create_now(token_facts wanted) {
    made fresh = make(std::move(wanted));
    std::promise<base::result<void>> told;
    ports_.store.change_config(
        {fresh.change}, [&](base::result<void> outcome) { told.set_value(std::move(outcome)); });
    base::result<void> written = told.get_future().get();
    if (!written) return std::move(written).error_value();
    token_facts facts = fresh.record.facts;
    keep(std::move(fresh.record));
    return created_token{std::move(facts), std::move(fresh.text)};
}

void token_list::revoke(const std::string& id, std::function<void(base::result<void>)> done) {
    const auto found = by_id_.find(id);
    if (found == by_id_.end()) {
        return ports_.loop.post([id, done = std::move(done)] {
            done(base::make_error(base::error_code::not_found, "there is no token " + id));
        });
    }
    ports_.run_blocking([this, id, done = std::move(done)] {
        const auto tell = [this, id, done](const base::result<void>& written) {
            ports_.loop.post([this, id, done, written] {
                if (written) drop(id);
                done(written);
            });
        };
        base::result<store::config_change> change = removal(id);
        if (!change) return tell(std::move(change).error_value());
        ports_.store.change_config({std::move(*change)}, tell);
    });
}

// A write does not say which version it made, so the store is asked.
base::result<store::config_change> token_list::removal(const std::string& id) {
    base::result<std::vector<store::config_record>> records = ports_.store.config(record_kind);
    if (!records) return std::move(records).error_value();
    for (const store::config_record& record : *records) {
        if (record.key == id)
            return store::config_change{{record_kind, id, "", record.version}, true};
    }
    return base::make_error(base::error_code::not_found, "there is no token " + id);
}

void token_list::drop(const std::string& id) {
    const auto known = by_id_.find(id);
    if (known == by_id_.end()) return;
    id_by_hash_.erase(known->second.hash);
    by_id_.erase(known);
}

}  // namespace sluice::api
