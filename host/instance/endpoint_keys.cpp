#include "instance/endpoint_keys.hpp"

#include <utility>

namespace sluice::instance {
namespace {

std::string record_key(const std::string& instance, const std::string& id) {
    return instance + "/" + id;
}

}  // namespace

endpoint_keys::endpoint_keys(digest_ports ports, base::clock& clock, base::id_generator& ids)
    : clock_(clock),
      ids_(ids),
      digests_(std::move(ports), endpoint_key_kind, std::string(key_prefix), "key") {}

base::result<void> endpoint_keys::open() {
    base::result<std::vector<digest_list::entry>> found = digests_.open();
    if (!found) return std::move(found).error_value();
    for (const digest_list::entry& each : *found) {
        const std::size_t slash = each.key.find('/');
        key_facts one;
        one.instance = each.key.substr(0, slash);
        one.id = each.key.substr(slash + 1);
        one.name = each.facts.string_or("name", "");
        one.created_ms = each.facts.int_or("createdMs", 0);
        by_instance_[one.instance].emplace(one.id, one);
    }
    return {};
}

std::string_view endpoint_keys::instance_of(std::string_view text) const {
    const std::string* const key = digests_.find(text);
    return key == nullptr ? std::string_view() : std::string_view(*key).substr(0, key->find('/'));
}

bool endpoint_keys::has_any(const std::string& instance) const {
    return by_instance_.contains(instance);
}

std::vector<key_facts> endpoint_keys::of(const std::string& instance) const {
    std::vector<key_facts> out;
    const auto found = by_instance_.find(instance);
    if (found == by_instance_.end()) return out;
    for (const auto& [id, one] : found->second)
        out.push_back(one);
    return out;
}

void endpoint_keys::create(const std::string& instance, std::string name,
                           std::function<void(base::result<created_key>)> done) {
    key_facts facts;
    facts.id = "k" + base::execution_id_text(ids_.next()).substr(1);
    facts.instance = instance;
    facts.name = std::move(name);
    facts.created_ms = clock_.unix_ms();
    json::value record =
        json::value::object({{"name", facts.name}, {"createdMs", facts.created_ms}});
    const std::string key = record_key(instance, facts.id);
    digests_.create(
        key, std::move(record),
        [this, facts = std::move(facts), done = std::move(done)](base::result<base::secret> made) {
            if (!made) return done(std::move(made).error_value());
            by_instance_[facts.instance].emplace(facts.id, facts);
            done(created_key{facts, std::move(*made)});
        });
}

void endpoint_keys::revoke(const std::string& instance, const std::string& id,
                           std::function<void(base::result<void>)> done) {
    digests_.revoke(record_key(instance, id),
                    [this, instance, id, done = std::move(done)](const base::result<void>& gone) {
                        const auto found = by_instance_.find(instance);
                        if (gone && found != by_instance_.end()) {
                            found->second.erase(id);
                            if (found->second.empty()) by_instance_.erase(found);
                        }
                        done(gone);
                    });
}

void endpoint_keys::forget(const std::string& instance) {
    for (const key_facts& each : of(instance))
        digests_.forget(record_key(instance, each.id));
    by_instance_.erase(instance);
}

}  // namespace sluice::instance
