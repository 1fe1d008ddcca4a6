#include "api/token.hpp"

#include <optional>
#include <utility>

namespace sluice::api {
namespace {

constexpr const char* token_kind = "token";  // of the records

json::value record_of(const token_facts& facts) {
    json::value scopes = json::value::array();
    for (const std::string& name : facts.scopes.names())
        scopes.push(name);
    return json::value::object({{"name", facts.name},
                                {"scopes", std::move(scopes)},
                                {"instance", facts.instance},
                                {"customer", facts.customer},
                                {"createdMs", facts.created_ms},
                                {"expiresMs", facts.expires_ms}});
}

}  // namespace

token_list::token_list(token_ports ports)
    : ports_(std::move(ports)),
      digests_({ports_.loop, ports_.random, ports_.store, ports_.run_blocking}, token_kind,
               std::string(token_prefix), "token") {}

base::result<void> token_list::open() {
    base::result<std::vector<instance::digest_list::entry>> found = digests_.open();
    if (!found) return std::move(found).error_value();
    for (const instance::digest_list::entry& each : *found) {
        const json::value& content = each.facts;
        token_facts one;
        one.id = each.key;
        one.name = content.string_or("name", "");
        one.instance = content.string_or("instance", "");
        one.customer = content.string_or("customer", "");
        one.created_ms = content.int_or("createdMs", 0);
        one.expires_ms = content.int_or("expiresMs", 0);
        if (!content.get("scopes").is_array()) {
            return base::make_error(base::error_code::internal,
                                    "the record of token " + each.key + " in the store is damaged");
        }
        for (const json::value& name : content.get("scopes").items()) {
            // A scope of a newer version of this program gives no right here.
            const auto known = name.is_string() ? parse_scope(name.as_string()) : std::nullopt;
            if (known) one.scopes.add(*known);
        }
        by_id_[each.key] = std::move(one);
    }
    return {};
}

const token_facts* token_list::find(std::string_view text) const {
    const std::string* const id = digests_.find(text);
    if (id == nullptr) return nullptr;
    const token_facts& facts = by_id_.at(*id);
    const bool expired = facts.expires_ms != 0 && facts.expires_ms <= ports_.clock.unix_ms();
    return expired ? nullptr : &facts;
}

std::vector<token_facts> token_list::all() const {
    std::vector<token_facts> out;
    for (const auto& [id, one] : by_id_)
        out.push_back(one);
    return out;
}

const token_facts* token_list::by_id(const std::string& id) const {
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? nullptr : &found->second;
}

bool token_list::has_administrator(const std::string& but) const {
    const std::int64_t now_ms = ports_.clock.unix_ms();
    for (const auto& [id, facts] : by_id_) {
        const bool valid = facts.expires_ms == 0 || facts.expires_ms > now_ms;
        if (id != but && valid && facts.scopes.has(scope::admin)) return true;
    }
    return false;
}

token_facts token_list::numbered(token_facts wanted) {
    wanted.id = "t" + base::execution_id_text(ports_.ids.next()).substr(1);
    wanted.created_ms = ports_.clock.unix_ms();
    return wanted;
}

void token_list::create(token_facts wanted, std::function<void(base::result<created_token>)> done) {
    token_facts facts = numbered(std::move(wanted));
    const std::string id = facts.id;
    json::value record = record_of(facts);
    digests_.create(
        id, std::move(record),
        [this, facts = std::move(facts), done = std::move(done)](base::result<base::secret> made) {
            if (!made) return done(std::move(made).error_value());
            by_id_[facts.id] = facts;
            done(created_token{facts, std::move(*made)});
        });
}

base::result<created_token> token_list::create_now(token_facts wanted) {
    token_facts facts = numbered(std::move(wanted));
    base::result<base::secret> made = digests_.create_now(facts.id, record_of(facts));
    if (!made) return std::move(made).error_value();
    by_id_[facts.id] = facts;
    return created_token{std::move(facts), std::move(*made)};
}

void token_list::revoke(const std::string& id, std::function<void(base::result<void>)> done) {
    digests_.revoke(id, [this, id, done = std::move(done)](const base::result<void>& gone) {
        if (gone) by_id_.erase(id);
        done(gone);
    });
}

std::vector<std::string> token_list::bound_to(const std::string& customer) const {
    std::vector<std::string> out;
    for (const auto& [id, one] : by_id_) {
        if (one.customer == customer) out.push_back(id);
    }
    return out;
}

std::vector<store::config_change> token_list::removals(const std::vector<std::string>& ids) {
    std::vector<store::config_change> out;
    for (const std::string& id : ids)
        out.push_back({{token_kind, id, "", 0}, true});
    return out;
}

void token_list::forget(const std::vector<std::string>& ids) {
    for (const std::string& id : ids) {
        digests_.forget(id);
        by_id_.erase(id);
    }
}

}  // namespace sluice::api
