#include "engine/plugin_calls.hpp"

#include <utility>

#include "base/log.hpp"

namespace sluice::engine {

std::shared_ptr<plugin::connector> plugin_calls::choose(const connector_call& call) const {
    if (const std::size_t space = call.pinned.find(' '); space != std::string::npos) {
        if (const auto version = plugin::parse_version(call.pinned.substr(space + 1))) {
            if (auto found = connectors_.find_exact(call.connector, *version)) return found;
            base::log(base::log_level::warning,
                      "an execution goes on with another version of a connector: the one it began "
                      "with is gone",
                      {{"connector", call.pinned}});
        }
    }
    if (call.wanted == nullptr) return connectors_.find(call.connector);
    return connectors_.find(call.connector, [&call](const plugin::version& version) {
        return call.wanted->accepts(version.to_text());
    });
}

std::string plugin_calls::version_for(const std::string& connector,
                                      const manifest::version_constraint* wanted) {
    connector_call call;
    call.connector = connector;
    call.wanted = wanted;
    const std::shared_ptr<plugin::connector> found = choose(call);
    return found ? found->name() : std::string();
}

call_port::operation plugin_calls::start(connector_call call,
                                         std::function<void(connector_reply)> done) {
    const operation which = ++last_;
    std::shared_ptr<plugin::connector> connector = choose(call);
    if (!connector) {
        connector_reply missing;
        base::error why = connectors_.explain_missing(
            call.connector, call.wanted == nullptr ? "*" : call.wanted->text());
        // A connector that is not there yet may be dropped in any minute: worth another try.
        why.code = base::error_code::unavailable;
        missing.outcome.output_json = std::move(why);
        loop_.post([done = std::move(done), missing = std::move(missing)] { done(missing); });
        return which;
    }
    if (told_) {
        done = [this, id = call.connector, action = call.request.action,
                began = clock_->steady_ns(), done = std::move(done)](connector_reply reply) {
            told_(id, action, clock_->steady_ns() - began, reply);
            done(std::move(reply));
        };
    }
    const plugin::call_handle handle = connector->start(
        std::move(call.request), [this, which, name = connector->name(),
                                  done = std::move(done)](plugin::call_outcome outcome) {
            running_.erase(which);
            done(connector_reply{std::move(outcome), name});
        });
    running_.emplace(which, running{std::move(connector), handle});
    return which;
}

void plugin_calls::cancel(operation which) {
    const auto found = running_.find(which);
    if (found != running_.end()) found->second.connector->cancel(found->second.handle);
}

void plugin_calls::forget(store::event_id execution) { connectors_.blobs().forget(execution); }

void plugin_calls::drop(store::event_id execution) { connectors_.blobs().drop(execution); }

}  // namespace sluice::engine
