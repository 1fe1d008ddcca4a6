// Records of connections in the store. One change of a connection at a time: the caller waits.
#pragma once

#include <functional>
#include <map>
#include <memory>

#include "base/event_loop.hpp"
#include "base/result.hpp"
#include "instance/connection_record.hpp"
#include "store/store.hpp"

namespace sluice::instance {

class connection_store {
  public:
    using done = std::function<void(base::result<void>)>;
    // Runs work that blocks on disk somewhere else than on the loop.
    using blocking = std::function<void(std::function<void()>)>;

    // All of it outlives this.
    connection_store(base::event_loop& loop, store::store& store, vault& keys,
                     blocking run_blocking)
        : loop_(loop), store_(store), vault_(keys), run_blocking_(std::move(run_blocking)) {}

    // All of them. One that cannot be opened is there in the state `error`. Blocks.
    base::result<std::map<connection_id, connection_record>> load();

    // `finished` runs on the loop, once it is durable.
    void put(const connection_id& id, std::shared_ptr<const connection_record> record,
             done finished);
    void remove(const connection_id& id, done finished);

  private:
    // Null: remove.
    void change(const connection_id& id, std::shared_ptr<const connection_record> record,
                done finished);
    base::result<std::uint64_t> version_of(const std::string& key);

    base::event_loop& loop_;
    store::store& store_;
    vault& vault_;
    blocking run_blocking_;
};

}  // namespace sluice::instance
