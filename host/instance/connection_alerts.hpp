// Alerts about connections that do not work: raised by calls that the third party refuses and by a
// provider that gives no token any more, cleared by the first call that succeeds or a new
// authorization.
#pragma once

#include <optional>
#include <set>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "engine/alert_writer.hpp"
#include "instance/alert_records.hpp"
#include "instance/deployments.hpp"
#include "instance/oauth_settings.hpp"

namespace sluice::instance {

// Everything here outlives the alerts.
struct connection_alert_ports {
    base::clock& clock;
    base::id_generator& ids;
    const deployments& deployed;
    engine::alert_writer& writer;
};

// Loop thread.
class connection_alerts {
  public:
    explicit connection_alerts(connection_alert_ports ports) : ports_(ports) {}

    // Those that the store has. First of all.
    void start(const std::vector<raised_alert>& raised);
    // A call was refused: raises, or counts.
    void refused(const connection_id& id, const base::error& why);
    // It is known not to work: raises, unless that has happened.
    void broken(const connection_id& id, const std::string& reason);
    // A call succeeded, or somebody has authorized it.
    void works(const connection_id& id);

  private:
    // Whether some alert looks at it.
    bool change(const connection_id& id, bool raised, const base::error* why);

    connection_alert_ports ports_;
    std::set<connection_id> raised_;  // in the store, or on the way there
};

}  // namespace sluice::instance
