// What waits for the writer. Internal to this module.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "store/dedup.hpp"
#include "store/store.hpp"
#include "store/types.hpp"

namespace sluice::store {

struct append_request {
    std::vector<new_event> events;
    std::vector<std::optional<dedup_key>> keys;  // one for each event
    store::appended done;
    std::vector<append_outcome> reply;
};

struct commit_request {
    partition_id partition = 0;
    epoch_number epoch = 0;
    std::vector<op> ops;
    std::vector<std::optional<dedup_key>> keys;  // one for each op; set for child events with a key
    store::committed done;
    commit_outcome reply = commit_outcome::committed;
};

struct config_request {
    std::vector<config_change> changes;
    store::done done;
};

struct remove_request {
    std::vector<event_id> ids;
    store::removed done;
    std::vector<event_id> reply;
};

struct request {
    std::variant<append_request, commit_request, config_request, remove_request> what;
    std::optional<base::error> failure;  // answers `done` instead of the reply

    std::size_t count() const;  // events or ops
    std::size_t bytes() const;  // roughly, of the texts that will be written

    // Calls `done` with the reply or the failure.
    void answer();
};

request make_append(std::vector<new_event> events, store::appended done);
request make_commit(partition_id partition, epoch_number epoch, std::vector<op> ops,
                    store::committed done);

}  // namespace sluice::store
