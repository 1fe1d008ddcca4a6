// Alerts about connections that do not work: raised by calls that the third party refuses and by a
// provider that gives no token any more. Cleared when what was refused succeeds, by the
// connection's test and by a new authorization.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/event_loop.hpp"
#include "base/ids.hpp"
#include "engine/alert_writer.hpp"
#include "engine/fault.hpp"
#include "instance/alert_records.hpp"
#include "instance/deployments.hpp"
#include "instance/oauth_settings.hpp"

namespace sluice::instance {

// Everything here outlives the alerts.
struct connection_alert_ports {
    base::event_loop& loop;
    base::clock& clock;
    base::id_generator& ids;
    const deployments& deployed;
    engine::alert_writer& writer;
    // Whether its provider gives no token any more: then a call that succeeds with an old one says
    // nothing.
    std::function<bool(const connection_id&)> given_up;
};

// Loop thread.
class connection_alerts {
  public:
    explicit connection_alerts(connection_alert_ports ports) : ports_(std::move(ports)) {}
    connection_alerts(const connection_alerts&) = delete;
    connection_alerts& operator=(const connection_alerts&) = delete;

    // Those that the store has. First of all.
    void start(const std::vector<raised_alert>& raised);
    // These instances have other versions, settings or alerts now: whatever succeeds next clears.
    void replace(const std::vector<std::string>& instances);
    // A call was refused: raises, or counts, the same action at most once a minute. `why` holds no
    // secrets.
    void refused(const connection_id& id, const std::string& action, const engine::fault& why);
    // It is known not to work: raises, unless that has happened.
    void broken(const connection_id& id, const std::string& reason);
    // A call succeeded. Clears when nothing else is known to be refused.
    void works(const connection_id& id, const std::string& action);
    // Its test succeeded, or somebody has authorized it.
    void restored(const connection_id& id);

  private:
    using rule_list = std::vector<const manifest::alert*>;
    // Those that look at it, of `flow`, any of the instance; null when there is none.
    static rule_list rules_of(const flow_ptr& flow, const connection_id& id);
    flow_ptr any_flow(const std::string& instance) const;
    void clear(const connection_id& id);
    void change(const connection_id& id, const std::string& alert, bool raised,
                const std::optional<engine::fault>& why);

    connection_alert_ports ports_;
    // What was refused and has not succeeded since, and when that was last written.
    std::map<connection_id, std::map<std::string, std::int64_t>> refused_;
    std::map<std::string, std::uint64_t> latest_;  // by key: changes that may have to be repeated
    std::uint64_t changes_ = 0;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace sluice::instance
