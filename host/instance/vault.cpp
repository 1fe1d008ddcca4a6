#include "instance/vault.hpp"

#include <future>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <utility>

#include "base/encoding.hpp"
#include "base/seal.hpp"
#include "instance/owner_id.hpp"
#include "json/text.hpp"
#include "json/value.hpp"

namespace sluice::instance {
namespace {

constexpr const char* key_kind = "data_key";
constexpr std::string_view form = "v1.";
constexpr std::size_t key_id_bytes = 6;

// Names of owners have no line breaks, so no two places give the same text.
std::string context_of_key(const std::string& owner) { return "data key\n" + owner; }
std::string context_of_value(const std::string& owner, std::string_view field) {
    return "value\n" + owner + '\n' + std::string(field);
}

std::string make_key_id(base::random_source& random) {
    std::string bytes(key_id_bytes, '\0');
    random.fill(std::as_writable_bytes(std::span(bytes)));
    return base::to_hex(bytes);
}

base::error no_key(const std::string& owner) {
    return base::make_error(base::error_code::not_found,
                            owner_text(owner) + " has no key for its secrets");
}

struct stored_key {
    std::string id;
    std::string master;
    std::string wrapped;
};

base::result<stored_key> read_record(const store::config_record& record) {
    const base::result<json::value> content = json::parse(record.value_json);
    if (!content) return content.error_value();
    std::optional<std::string> wrapped = base::from_base64(content->string_or("key", ""));
    stored_key out{content->string_or("id", ""), content->string_or("master", ""), {}};
    if (!wrapped || out.id.empty() || out.master.empty()) {
        return base::make_error(base::error_code::internal,
                                "the stored key of " + owner_text(record.key) + " is damaged");
    }
    out.wrapped = std::move(*wrapped);
    return out;
}

// `finished` runs after the last of `parts` ends.
vault::done after_all(std::size_t parts, vault::done finished) {
    struct joint {
        std::mutex mutex;
        std::size_t left = 0;
        base::result<void> outcome;
        vault::done finished;
    };
    auto all = std::make_shared<joint>();
    all->left = parts;
    all->finished = std::move(finished);
    return [all](const base::result<void>& one) {
        {
            const std::lock_guard lock(all->mutex);
            if (!one) all->outcome = one;
            if (--all->left > 0) return;
        }
        all->finished(all->outcome);
    };
}

}  // namespace

base::result<std::unique_ptr<vault>> vault::open(store::store& store, master_keys keys,
                                                 base::random_source& random) {
    std::unique_ptr<vault> made(new vault(store, std::move(keys), random));
    if (base::result<void> loaded = made->load(); !loaded) return std::move(loaded).error_value();
    return made;
}

base::result<void> vault::load() {
    const base::result<records> found = store_.config(key_kind);
    if (!found) return found.error_value();
    std::set<std::string> missing;
    std::size_t closed = 0;
    for (const store::config_record& record : *found) {
        const base::result<stored_key> stored = read_record(record);
        if (!stored) return stored.error_value();
        if (masters_.find(stored->master) == nullptr) {
            missing.insert(stored->master);
            ++closed;
        }
    }
    if (!missing.empty()) {
        std::string ids;
        for (const std::string& id : missing) {
            ids += (ids.empty() ? "" : ", ") + id;
        }
        return base::make_error(
            base::error_code::auth,
            "the secrets of " + std::to_string(closed) + " of " + std::to_string(found->size()) +
                " instances and customers are sealed under the master key " + ids +
                ", and the one given is " + masters_.ids(),
            "give the host the key it was started with before, below the new one if it was to be "
            "replaced");
    }
    for (const store::config_record& record : *found) {
        if (base::result<void> one = load_one(record); !one) return one;
    }
    return {};
}

base::result<void> vault::load_one(const store::config_record& record) {
    base::result<stored_key> stored = read_record(record);
    if (!stored) return std::move(stored).error_value();
    base::result<base::secret> key = base::open_seal(*masters_.find(stored->master),
                                                     stored->wrapped, context_of_key(record.key));
    if (!key) {
        base::error why = std::move(key).error_value();
        why.message = "the key of " + owner_text(record.key) + ": " + why.message;
        return why;
    }
    keys_.insert_or_assign(
        record.key, data_key{std::move(stored->id), std::move(*key), std::move(stored->master)});
    return {};
}

std::string vault::record_of(const std::string& owner, const data_key& key) const {
    const std::string wrapped =
        base::seal(masters_.newest(), key.key.reveal(), context_of_key(owner), random_);
    return json::to_text(json::value::object(
        {{"id", key.id}, {"master", masters_.newest_id()}, {"key", base::to_base64(wrapped)}}));
}

void vault::prepare(const std::vector<std::string>& owners, done finished) {
    std::vector<std::string> missing;
    std::vector<std::string> made;
    std::vector<store::config_change> changes;
    {
        const std::lock_guard lock(mutex_);
        for (const std::string& owner : owners) {
            if (!keys_.contains(owner)) missing.push_back(owner);
        }
        const done part = after_all(missing.size(), finished);
        for (const std::string& owner : missing) {
            const auto [making, first] = being_made_.try_emplace(owner);
            making->second.waiting.push_back(part);
            if (!first) continue;
            making->second.key =
                data_key{make_key_id(random_), base::make_seal_key(random_), masters_.newest_id()};
            changes.push_back({{key_kind, owner, record_of(owner, making->second.key), 0}, false});
            made.push_back(owner);
        }
    }
    if (missing.empty()) return finished(base::result<void>());
    if (changes.empty()) return;
    store_.change_config(std::move(changes),
                         [this, made = std::move(made)](const base::result<void>& outcome) {
                             for (const std::string& owner : made)
                                 created(owner, outcome);
                         });
}

base::result<void> vault::prepare_now(const std::vector<std::string>& owners) {
    std::promise<base::result<void>> made;
    prepare(owners, [&made](base::result<void> outcome) { made.set_value(std::move(outcome)); });
    return made.get_future().get();
}

void vault::created(const std::string& owner, const base::result<void>& outcome) {
    std::vector<done> waiting;
    {
        const std::lock_guard lock(mutex_);
        auto made = being_made_.extract(owner);
        waiting = std::move(made.mapped().waiting);
        if (outcome) keys_.insert_or_assign(owner, std::move(made.mapped().key));
    }
    for (const done& one : waiting)
        one(outcome);
}

base::result<std::string> vault::seal(const std::string& owner, std::string_view field,
                                      const base::secret& content) {
    const std::lock_guard lock(mutex_);
    const auto found = keys_.find(owner);
    if (found == keys_.end()) return no_key(owner);
    const std::string sealed =
        base::seal(found->second.key, content.reveal(), context_of_value(owner, field), random_);
    return std::string(form) + found->second.id + '.' + base::to_base64(sealed);
}

base::result<base::secret> vault::open(const std::string& owner, std::string_view field,
                                       std::string_view sealed) const {
    const std::lock_guard lock(mutex_);
    const auto found = keys_.find(owner);
    if (found == keys_.end()) return no_key(owner);
    const std::string start = std::string(form) + found->second.id + '.';
    std::optional<std::string> bytes;
    if (sealed.starts_with(start)) bytes = base::from_base64(sealed.substr(start.size()));
    if (!bytes) {
        return base::make_error(base::error_code::auth, "this was not sealed with the key of " +
                                                            owner_text(owner) + ", or is damaged");
    }
    return base::open_seal(found->second.key, *bytes, context_of_value(owner, field));
}

void vault::forget(const std::string& owner, std::vector<store::config_change> together,
                   done finished) {
    const base::result<records> found = store_.config(key_kind);
    if (!found) return finished(found.error_value());
    for (const store::config_record& record : *found) {
        if (record.key == owner) {
            together.push_back({{key_kind, owner, "", record.version}, true});
        }
    }
    auto key = std::make_shared<key_map::node_type>();
    {
        const std::lock_guard lock(mutex_);
        *key = keys_.extract(owner);
    }
    if (together.empty()) return finished(base::result<void>());
    store_.change_config(std::move(together),
                         [this, key, finished = std::move(finished)](base::result<void> outcome) {
                             if (!outcome && !key->empty()) {
                                 const std::lock_guard lock(mutex_);
                                 keys_.insert(std::move(*key));
                             }
                             finished(std::move(outcome));
                         });
}

base::result<bool> vault::is_empty(store::store& store) {
    const base::result<records> found = store.config(key_kind);
    if (!found) return found.error_value();
    return found->empty();
}

vault::wrapping vault::wrapped() const {
    const std::lock_guard lock(mutex_);
    wrapping out{keys_.size(), 0};
    for (const auto& [owner, key] : keys_) {
        if (key.master != masters_.newest_id()) ++out.old;
    }
    return out;
}

void vault::rewrap(done finished) {
    base::result<records> found = store_.config(key_kind);
    if (!found) return finished(std::move(found).error_value());
    rewrap_next(std::make_shared<records>(std::move(*found)), std::move(finished));
}

void vault::rewrap_next(std::shared_ptr<records> left, done finished) {
    std::optional<store::config_record> next;
    {
        const std::lock_guard lock(mutex_);
        while (!next && !left->empty()) {
            const auto known = keys_.find(left->back().key);
            if (known != keys_.end() && known->second.master != masters_.newest_id()) {
                next = left->back();
                next->value_json = record_of(next->key, known->second);
            }
            left->pop_back();
        }
    }
    if (!next) return finished(base::result<void>());
    std::string owner = next->key;
    store_.put_config(std::move(*next),
                      [this, owner = std::move(owner), left = std::move(left),
                       finished = std::move(finished)](base::result<void> outcome) mutable {
                          if (!outcome) return finished(std::move(outcome));
                          {
                              const std::lock_guard lock(mutex_);
                              const auto known = keys_.find(owner);
                              if (known != keys_.end()) {
                                  known->second.master = masters_.newest_id();
                              }
                          }
                          rewrap_next(std::move(left), std::move(finished));
                      });
}

}  // namespace sluice::instance
