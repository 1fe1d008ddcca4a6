// Writes changes of alerts that belong to no end of an execution.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "base/event_loop.hpp"
#include "base/result.hpp"
#include "engine/raised_alerts.hpp"
#include "json/value.hpp"
#include "store/store.hpp"

namespace sluice::engine {

// Everything here outlives the writer.
struct alert_writer_ports {
    base::event_loop& loop;
    store::store& store;
    raised_alerts& raised;
    // A message that is durable is to be told.
    std::function<void(const store::new_event&, json::value payload)> accept;
};

// Loop thread.
class alert_writer {
  public:
    // An error: nothing was written.
    using written = std::function<void(const base::result<void>&)>;

    explicit alert_writer(alert_writer_ports ports) : ports_(std::move(ports)) {}
    alert_writer(const alert_writer&) = delete;
    alert_writer& operator=(const alert_writer&) = delete;

    // `done` runs once, later, on the loop, when the change and its message are durable; not after
    // the end of the writer.
    void write(store::alert_op change, written done);
    // Whether there is anything to clear.
    bool may_be_raised(const std::string& key) const { return ports_.raised.contains(key); }
    bool none_raised() const { return ports_.raised.none(); }

  private:
    void answered(const alert_under_way& change, const base::result<store::commit_outcome>& outcome,
                  const written& done) const;

    alert_writer_ports ports_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace sluice::engine
