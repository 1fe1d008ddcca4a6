// Alerts: which end raises or clears which, and what is told of it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "engine/surroundings.hpp"
#include "json/value.hpp"

namespace sluice::engine {

struct alert_news {
    std::string about;              // the flow or the connection
    store::event_id execution = 0;  // that raises or clears it; 0: none
    std::optional<fault> error;     // why it is raised; without secrets
    bool resumable = true;          // the execution, should it have failed
    // Of a connection: the actions that were refused with it, "shop.buy"; kept in the record.
    std::vector<std::string> refused = {};
};

// Of its record.
std::string alert_key(const std::string& instance, const std::string& alert,
                      const std::string& about);

// Raises or clears an alert of the instance of `of`, any of its flows in the version that runs now.
// `told` of the change is set; a message that it has is to be accepted. Loop thread.
store::alert_op change_alert(const bound_flow& of, const manifest::alert& rule, bool raised,
                             const alert_news& news, base::clock& clock, base::id_generator& ids);

// An execution that is about to end.
struct ending {
    store::event_id id = 0;
    const std::string& instance;
    const std::string& flow;
    bool awaited = false;  // another execution waits for it: that one's end counts
};
// For the transaction of the end, whose `alerts` it sets. Rules, addresses and values are those of
// the version that runs now. A success that has nothing to clear adds no change. Loop thread.
std::vector<store::op> alerts_of_end(const flow_source& flows, const ending& what,
                                     end_of_execution& end, raised_alerts& raised,
                                     base::clock& clock, base::id_generator& ids);

// When a flow that an alert waits for last succeeded, or when the waiting began: a value among
// those of the instance's state.
store::state_put_op note_success(const std::string& instance, const std::string& flow,
                                 std::int64_t at_ms);
store::state_put_op forget_success(const std::string& instance, const std::string& flow);
// 0: never. Blocks.
base::result<std::int64_t> last_success(store::store& from, const std::string& instance,
                                        const std::string& flow);

// The body of the message, from the payload of the event that tells it.
json::value alert_message(const json::value& payload);

}  // namespace sluice::engine
