// Changes of what is deployed while the host runs: one after the other, each all or nothing.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/event_loop.hpp"
#include "base/result.hpp"
#include "instance/connection_record.hpp"
#include "instance/deployments.hpp"
#include "instance/lifecycle.hpp"
#include "instance/prepare.hpp"
#include "store/store.hpp"

namespace sluice::instance {

// Everything here outlives the changes, but for what `run_blocking` was given.
struct change_ports {
    base::event_loop& loop;
    store::store& store;
    deployments& deployed;
    lifecycle& its_lifecycle;
    // Runs work that blocks on disk somewhere else than on the loop.
    std::function<void(std::function<void()>)> run_blocking;
    // Which fields of connections are secret now, for any thread; may be empty.
    std::function<secret_fields()> known = {};
    // Triggers that start by themselves are to follow deployments::flows(); `done` later or at
    // once, on the loop. May be empty.
    std::function<void(const std::vector<std::string>& instances, std::function<void()> done)>
        follow = {};
    // What is to be said about flows that are to start (connectors that are not there); may be
    // empty.
    std::function<std::vector<base::error>(const std::vector<flow_ptr>&)> look = {};
    // The address that the operator gave, if any.
    std::string public_url = {};
    // A customer or the organization has these connections now, and no others: tokens of those
    // that it has no more are gone. May be empty.
    std::function<void(const std::string& owner, const std::set<std::string>& connections)>
        keep_only = {};
    // The instance shares this connection now, and the tokens of its own one are gone. May be
    // empty.
    std::function<void(const connection_id&)> now_shared = {};
    // The connectors that are here now, for any thread; may be empty.
    std::function<std::shared_ptr<const manifest::connector_catalog>()> connectors = {};
};

struct change_result {
    std::vector<base::error> problems;  // not empty: nothing was changed
    std::vector<base::error> warnings;
    std::vector<planned> plan;
    bool ok() const { return problems.empty(); }
};

// Loop thread.
class changes {
  public:
    using told = std::function<void(change_result)>;

    explicit changes(change_ports ports) : ports_(std::move(ports)) {}
    changes(const changes&) = delete;
    changes& operator=(const changes&) = delete;

    // Waits for the changes before it. `done` runs later, on the loop: when the change is durable
    // and its flows are those that start. Its deploy flows run then; see lifecycle.
    void make(change_request request, told done);

  private:
    struct waiting {
        change_request request;
        told done;
        bool dry_run = false;
        int conflicts = 0;  // so often, what it read of the store was no longer true
    };

    void begin();
    snapshot now() const;
    void prepared(prepared_change change);
    void written(prepared_change change, const base::result<void>& outcome);
    void drop_tokens(const prepared_change& change);
    void end(change_result result);

    change_ports ports_;
    std::deque<waiting> queue_;  // the first one is under way
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace sluice::instance
