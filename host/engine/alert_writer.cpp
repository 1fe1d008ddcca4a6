#include "engine/alert_writer.hpp"

#include <string>
#include <vector>

#include "base/log.hpp"
#include "json/text.hpp"

namespace sluice::engine {

void alert_writer::write(store::alert_op change, written done) {
    const store::partition_id partition = store::partition_of(change.instance);
    const base::result<store::epoch_number> epoch = ports_.store.acquire(partition);
    const alert_under_way told = ports_.raised.begin(change);
    const auto answer = [this, &loop = ports_.loop, alive = std::weak_ptr<bool>(alive_), told,
                         done = std::move(done)](base::result<store::commit_outcome> outcome) {
        loop.post([this, alive, told, done, outcome = std::move(outcome)] {
            if (!outcome) {
                base::log(base::log_level::warning, "an alert could not be kept",
                          {{"alert", told.key}, {"why", outcome.error_value().to_text()}});
            }
            if (!alive.expired()) answered(told, outcome, done);
        });
    };
    if (!epoch) return answer(epoch.error_value());
    std::vector<store::op> batch;
    batch.emplace_back(std::move(change));
    ports_.store.commit(partition, *epoch, std::move(batch), answer);
}

void alert_writer::answered(const alert_under_way& change,
                            const base::result<store::commit_outcome>& outcome,
                            const written& done) const {
    if (!outcome) return done(outcome.error_value());
    if (*outcome != store::commit_outcome::committed) {
        return done(
            base::make_error(base::error_code::conflict, "another owner has this instance"));
    }
    ports_.raised.kept(change);
    if (const std::optional<store::new_event>& message = change.outcome->message) {
        base::result<json::value> payload = json::parse(message->payload_json);
        if (payload) ports_.accept(*message, std::move(*payload));
    }
    done({});
}

}  // namespace sluice::engine
