// Texts of 256 random bits by which callers are known, such as tokens and keys. The store holds
// their SHA-256 digests only.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/event_loop.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "json/value.hpp"
#include "store/store.hpp"

namespace sluice::instance {

// Everything here outlives the list.
struct digest_ports {
    base::event_loop& loop;
    base::random_source& random;
    store::store& store;
    // Runs work that blocks on disk somewhere else than on the loop.
    std::function<void(std::function<void()>)> run_blocking;
};

// Loop thread (open(), create_now(): before the loop runs).
class digest_list {
  public:
    struct entry {
        std::string key;    // of the record
        json::value facts;  // as they were given to create()
    };

    // `kind` of the records, `prefix` of the texts, `noun` for messages: "token".
    digest_list(digest_ports ports, std::string kind, std::string prefix, std::string noun);

    // Reads what the store keeps. Blocks.
    base::result<std::vector<entry>> open();

    // The key of the record of `text`; null when nobody has it. The time taken does not depend on
    // how much of it is right. Valid until the list changes.
    const std::string* find(std::string_view text) const;

    // Makes a text. `done` runs later, once, on the loop, when its record is durable.
    void create(const std::string& key, json::value facts,
                std::function<void(base::result<base::secret>)> done);
    // The same; blocks.
    base::result<base::secret> create_now(const std::string& key, json::value facts);
    // From `done` on, which runs as above, nobody is known by it. not_found.
    void revoke(const std::string& key, std::function<void(base::result<void>)> done);
    // Its record is gone from the store, or will be.
    void forget(const std::string& key);

  private:
    struct made {
        std::string key;
        std::string hash;
        base::secret text;
        store::config_change change;
    };

    made make(const std::string& key, json::value facts);
    void keep(const std::string& key, std::string hash);
    base::result<store::config_change> removal(const std::string& key);

    digest_ports ports_;
    const std::string kind_, prefix_, noun_;
    std::map<std::string, std::string> hash_by_key_;  // SHA-256, 32 bytes
    std::unordered_map<std::string, std::string> key_by_hash_;
};

}  // namespace sluice::instance
