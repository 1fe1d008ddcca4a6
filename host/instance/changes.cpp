#include "instance/changes.hpp"

#include <utility>

namespace sluice::instance {
namespace {

// Records that a change removes may be written meanwhile: tokens are refreshed at any time.
constexpr int most_conflicts = 5;

}  // namespace

void changes::make(change_request request, told done) {
    queue_.push_back({std::move(request), std::move(done)});
    if (queue_.size() == 1) begin();
}

void changes::begin() {
    struct work {
        change_request request;
        snapshot on;
        prepared_change made;
    };
    auto one = std::make_shared<work>();
    one->request = queue_.front().request;
    queue_.front().dry_run = one->request.dry_run;
    if (ports_.known) one->request.known = ports_.known();
    if (ports_.connectors) one->request.connectors = ports_.connectors();
    one->on = now();
    // On another thread, maybe after the end of this object: nothing of it but by way of the loop.
    ports_.run_blocking([this, &loop = ports_.loop, one, by = ports_.deployed.preparing(),
                         alive = std::weak_ptr<bool>(alive_)] {
        one->made = by->prepare(one->request, one->on);
        loop.post([this, one, alive] {
            if (!alive.expired()) prepared(std::move(one->made));
        });
    });
}

snapshot changes::now() const {
    snapshot out = ports_.deployed.now();
    for (const auto& [name, kept] : out.instances) {
        const deployment_record* const record = ports_.its_lifecycle.record(name);
        const bool failed =
            record != nullptr && record->state == deployment_record::state_kind::failed;
        if (failed) out.failed.insert(name);
        if (kept->removing && !failed) out.leaving.insert(name);
    }
    return out;
}

void changes::prepared(prepared_change change) {
    if (!change.ok() || change.changes.empty()) return written(std::move(change), {});
    auto held = std::make_shared<prepared_change>(std::move(change));
    store::store::done done = [this, &loop = ports_.loop, held,
                               alive = std::weak_ptr<bool>(alive_)](base::result<void> outcome) {
        loop.post([this, held, alive, outcome = std::move(outcome)] {
            if (!alive.expired()) written(std::move(*held), outcome);
        });
    };
    auto by = ports_.deployed.preparing();
    if (held->forgets.empty()) return by->write(std::move(held->changes), {}, std::move(done));
    ports_.run_blocking([by, held, done = std::move(done)] {
        by->write(std::move(held->changes), held->forgets, done);
    });
}

void changes::written(prepared_change change, const base::result<void>& outcome) {
    if (!outcome && outcome.error_value().code == base::error_code::conflict &&
        ++queue_.front().conflicts < most_conflicts) {
        return begin();
    }
    change_result result{std::move(change.problems), std::move(change.warnings),
                         std::move(change.plan)};
    if (!outcome) result.problems.push_back(outcome.error_value());
    if (result.ok() && ports_.look) {
        std::vector<flow_ptr> flows;
        for (const auto& [name, part] : change.instances) {
            if (!part.flows || part.kept->removing) continue;
            for (const auto& [flow, bound] : *part.flows)
                flows.push_back(bound);
        }
        for (base::error& one : ports_.look(flows))
            result.warnings.push_back(std::move(one));
    }
    if (!result.ok() || queue_.front().dry_run) return end(std::move(result));
    std::vector<std::string> names;
    for (const auto& [name, part] : change.instances)
        names.push_back(name);
    drop_tokens(change);
    ports_.deployed.take(std::move(change));
    auto followed = [this, names, result = std::move(result)]() mutable {
        ports_.its_lifecycle.want(ports_.deployed.wanted(ports_.public_url, names));
        end(std::move(result));
    };
    if (!ports_.follow || names.empty()) return followed();
    ports_.follow(names, std::move(followed));
}

void changes::drop_tokens(const prepared_change& change) {
    if (ports_.now_shared) {
        for (const connection_id& id : change.now_shared)
            ports_.now_shared(id);
    }
    if (!ports_.keep_only) return;
    for (const auto& [id, one] : change.owners) {
        std::set<std::string> names;
        if (one) {
            for (const auto& [name, connection] : one->file.connections)
                names.insert(name);
        }
        ports_.keep_only(id, names);
    }
}

void changes::end(change_result result) {
    const told done = std::move(queue_.front().done);
    queue_.pop_front();
    if (!queue_.empty()) begin();
    done(std::move(result));
}

}  // namespace sluice::instance
