// The audit log: who changed what, when, from where, and what came of it. It is only added to;
// nothing removes or changes what is written.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/event_loop.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "json/value.hpp"
#include "store/store.hpp"

namespace sluice::api {

struct audit_entry {
    std::string who;     // id of the token; "host" for the host itself
    std::string action;  // "POST /executions/{id}/replay"
    std::string object;  // id or name of what was changed; empty: it comes to be
    std::string from;    // address of the peer
    std::int64_t at_ms = 0;
};

// Everything here outlives the log.
struct audit_ports {
    base::event_loop& loop;
    base::id_generator& ids;
    store::store& store;
};

// Loop thread.
class audit_log {
  public:
    explicit audit_log(audit_ports ports) : ports_(ports) {}

    using begun = std::function<void(base::result<std::string> id)>;
    using done = std::function<void(base::result<void>)>;

    // Writes an entry that says what is about to be done: whoever could not write it must not do
    // it. `done` runs later, once, on the loop, when the entry is durable. An entry that stays
    // without an outcome is one whose host died in between.
    void begin(const audit_entry& entry, begun told);
    // What came of it: an HTTP status, and the id of what came to be (or "").
    void end(const std::string& id, int status, const std::string& created, done told);

    // A page of entries, newest first, those before `cursor` (empty: all). Blocks; any thread.
    base::result<json::value> page(const std::string& cursor, int limit);

  private:
    void put(store::config_record record, done told);

    audit_ports ports_;
};

}  // namespace sluice::api
