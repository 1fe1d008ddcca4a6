// Keys of instances: who has one may send to the instance's webhooks. Several at once, so that a
// new one is in use before the old one goes.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/secret.hpp"
#include "instance/digest_list.hpp"

namespace sluice::instance {

// Scanners for leaked credentials look for it.
inline constexpr std::string_view key_prefix = "slk_";
// Kind of the records in the store; their keys are "<instance>/<id>".
inline constexpr const char* endpoint_key_kind = "endpoint-key";

// Everything about a key but the key itself, which nobody keeps.
struct key_facts {
    std::string id;
    std::string instance;
    std::string name;  // for people
    std::int64_t created_ms = 0;
};

struct created_key {
    key_facts facts;
    base::secret text;  // to be shown once
};

// Loop thread (open(): before the loop runs). Everything that it is given outlives it.
class endpoint_keys {
  public:
    endpoint_keys(digest_ports ports, base::clock& clock, base::id_generator& ids);

    // Reads the keys that the store has. Blocks.
    base::result<void> open();

    // The instance whose key `text` is; empty when it is nobody's. The time taken does not depend
    // on how much of it is right. Valid until the list changes.
    std::string_view instance_of(std::string_view text) const;
    bool has_any(const std::string& instance) const;
    std::vector<key_facts> of(const std::string& instance) const;  // by id

    // `done` runs later, once, on the loop, when the key is durable.
    void create(const std::string& instance, std::string name,
                std::function<void(base::result<created_key>)> done);
    // From `done` on, which runs as above, it opens nothing. not_found.
    void revoke(const std::string& instance, const std::string& id,
                std::function<void(base::result<void>)> done);
    // Those of an instance that is removed; forget_instance() takes them out of the store.
    void forget(const std::string& instance);

  private:
    base::clock& clock_;
    base::id_generator& ids_;
    digest_list digests_;
    std::map<std::string, std::map<std::string, key_facts>> by_instance_;  // then by id
};

}  // namespace sluice::instance
