// What keeps secrets at rest: each instance, each customer and the organization (owner_id.hpp) has
// a key of its own, wrapped by the master key.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "instance/master_keys.hpp"
#include "store/store.hpp"

namespace sluice::instance {

// Any thread. What is given to open() outlives it; so does whatever the callbacks touch, until the
// store is closed.
class vault {
  public:
    using done = std::function<void(base::result<void>)>;

    // Reads and opens all keys (blocks). `auth` when one of them was wrapped by a master key that
    // is not given: then nothing may be written either, or it could not be read again.
    static base::result<std::unique_ptr<vault>> open(store::store& store, master_keys keys,
                                                     base::random_source& random);

    // Makes the keys of owners that have none, in one transaction. `finished` runs when they are
    // durable, on the store's writer thread or at once.
    void prepare(const std::vector<std::string>& owners, done finished);
    // The same; blocks. Not on the store's writer thread.
    base::result<void> prepare_now(const std::vector<std::string>& owners);

    // `field` says where the value belongs ("connections/app/apiKey"); it opens there only. The
    // result is text without spaces. `not_found` without a key.
    base::result<std::string> seal(const std::string& owner, std::string_view field,
                                   const base::secret& content);
    // `auth` when it was sealed for another owner or field, or is damaged.
    base::result<base::secret> open(const std::string& owner, std::string_view field,
                                    std::string_view sealed) const;

    // Drops the key: nothing that was sealed for the owner can be opened again, in no copy. From
    // the call on nothing is sealed with it; it is back when the transaction fails. `together`
    // becomes durable in the same transaction, also when there is no key. Reads the store first
    // (blocks).
    void forget(const std::string& owner, std::vector<store::config_change> together,
                done finished);
    // Whether nothing was ever sealed, so that any master key will do.
    static base::result<bool> is_empty(store::store& store);

    // Wraps with the newest master key what older ones have wrapped, one after the other. What was
    // done stays done when it ends with an error or the process dies. Reads the store first
    // (blocks).
    void rewrap(done finished);
    struct wrapping {
        std::size_t keys = 0;
        std::size_t old = 0;  // not yet wrapped by the newest master key
    };
    wrapping wrapped() const;

  private:
    struct data_key {
        std::string id;
        base::secret key;
        std::string master;  // its id
    };
    using key_map = std::map<std::string, data_key, std::less<>>;

    vault(store::store& store, master_keys keys, base::random_source& random)
        : store_(store), masters_(std::move(keys)), random_(random) {}

    base::result<void> load();
    base::result<void> load_one(const store::config_record& record);
    std::string record_of(const std::string& owner, const data_key& key) const;
    void created(const std::string& owner, const base::result<void>& outcome);
    using records = std::vector<store::config_record>;
    void rewrap_next(std::shared_ptr<records> left, done finished);

    store::store& store_;
    const master_keys masters_;
    base::random_source& random_;
    mutable std::mutex mutex_;
    key_map keys_;
    struct creation {
        data_key key;
        std::vector<done> waiting;
    };
    std::map<std::string, creation> being_made_;
};

}  // namespace sluice::instance
