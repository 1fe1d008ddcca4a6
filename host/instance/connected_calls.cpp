#include "instance/connected_calls.hpp"

#include <algorithm>
#include <utility>

#include "engine/hide_secrets.hpp"

namespace sluice::instance {
namespace {

// Numbers of our own; all others are those of the calls that are passed on as they are.
constexpr engine::call_port::operation own = 1ull << 63;

engine::connector_reply failed(base::error why) {
    engine::connector_reply out;
    out.outcome.output_json = std::move(why);
    return out;
}

base::error too_late() {
    return base::make_error(base::error_code::timeout,
                            "there was no access token before the call's deadline");
}

// Whatever the reason: of the token, of what its account may, or that there is none.
bool is_denied(const engine::connector_reply& reply) {
    const base::result<std::string>& output = reply.outcome.output_json;
    return !output && output.error_value().code == base::error_code::auth;
}

// Another token may help. A 403 is of what the account may, and another token of it may no more.
constexpr int unauthorized = 401;

bool is_refusal(const engine::connector_reply& reply) {
    return is_denied(reply) && reply.outcome.http_status == unauthorized;
}

bool is_watched(const engine::connector_call& call) {
    if (!call.flow || !call.flow->integration) return false;
    return std::ranges::any_of(call.flow->integration->alerts, [&](const manifest::alert& rule) {
        return rule.on == manifest::alert::condition::connection && rule.watches(call.connection);
    });
}

}  // namespace

engine::call_port::operation connected_calls::start(
    engine::connector_call call, std::function<void(engine::connector_reply)> done) {
    if (call.connection.empty()) return inner_.start(std::move(call), std::move(done));
    const connection_id used{call.request.scope.instance, call.connection};
    if (observer_ && is_watched(call)) done = watched(call, std::move(done));
    // One that is shared has the same tokens for all, whatever version of the connector they use.
    const bool shared = !call.shared.owner.empty();
    const connection_id id_of_connection =
        shared ? connection_id{call.shared.owner, call.shared.name} : used;
    auto settings = find_(id_of_connection, call.connector, shared ? nullptr : call.wanted,
                          call.request.connection_json);
    if (settings && !*settings) return inner_.start(std::move(call), std::move(done));
    const operation id = own | ++last_;
    if (!settings) {
        loop_.post([done = std::move(done), reply = failed(std::move(settings).error_value())] {
            done(reply);
        });
        return id;
    }
    auto one = std::make_shared<running>();
    one->call = std::move(call);
    one->done = std::move(done);
    one->settings = std::move(*settings);
    running_.emplace(id, one);
    get_token(id, one);
    return id;
}

std::function<void(engine::connector_reply)> connected_calls::watched(
    const engine::connector_call& call, std::function<void(engine::connector_reply)> done) const {
    return [this, id = connection_id{call.request.scope.instance, call.connection},
            action = call.connector + '.' + call.request.action, flow = call.flow,
            done = std::move(done)](engine::connector_reply reply) {
        if (reply.outcome.output_json) {
            observer_(id, action, nullptr);
        } else if (is_denied(reply)) {
            const base::error& why = reply.outcome.output_json.error_value();
            const engine::fault refused =
                engine::hide_secrets(*flow, engine::fault_of_call(why, 0, {}));
            observer_(id, action, &refused);
        }
        done(std::move(reply));
    };
}

void connected_calls::get_token(operation id, const running_ptr& one) {
    if (const std::optional<std::string> token = tokens_.known(one->settings)) {
        return run(id, one, *token);
    }
    // Nobody else looks at the deadline before the connector has the call.
    if (const std::int64_t until = one->call.request.deadline_unix_ms; until != 0) {
        const std::int64_t left_ms = std::max<std::int64_t>(until - clock_.unix_ms(), 0);
        one->timer = loop_.run_after(left_ms, [this, one] {
            one->late = true;
            tokens_.cancel(one->token);
        });
    }
    one->token = tokens_.fetch(one->settings, [this, id, one](base::result<std::string> token) {
        one->token = 0;
        loop_.cancel(one->timer);
        if (one->late) token = too_late();
        if (one->cancelled) token = base::make_error(base::error_code::cancelled, "cancelled");
        if (!token) return end(id, one, failed(std::move(token).error_value()));
        run(id, one, *token);
    });
}

void connected_calls::run(operation id, const running_ptr& one, const std::string& token) {
    if (one->call.fetched) one->call.fetched->add(token);
    engine::connector_call call = one->call;
    call.request.connection_json =
        one->settings->connection_json(token, tokens_.found(one->settings));
    one->inner =
        inner_.start(std::move(call), [this, id, one, token](engine::connector_reply reply) {
            one->inner = 0;
            const bool once_more = !one->again && !one->cancelled && is_refusal(reply) &&
                                   tokens_.refused(one->settings, token);
            if (!once_more) return end(id, one, std::move(reply));
            one->again = true;
            get_token(id, one);
        });
}

void connected_calls::end(operation id, const running_ptr& one, engine::connector_reply reply) {
    running_.erase(id);
    one->done(std::move(reply));
}

void connected_calls::cancel(operation which) {
    if ((which & own) == 0) return inner_.cancel(which);
    const auto found = running_.find(which);
    if (found == running_.end()) return;
    const running_ptr one = found->second;
    one->cancelled = true;
    if (one->token != 0) tokens_.cancel(one->token);
    if (one->inner != 0) inner_.cancel(one->inner);
}

}  // namespace sluice::instance
