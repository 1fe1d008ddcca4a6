#include "trigger/runs_address.hpp"

#include <utility>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/log.hpp"
#include "json/text.hpp"
#include "trigger/reply.hpp"

namespace sluice::trigger {
namespace {

net::http_response unknown() { return net::problem_response(404, {}); }

json::value time_or_null(std::int64_t unix_ms) {
    return unix_ms == 0 ? json::value() : json::value(base::to_rfc3339(unix_ms));
}

net::http_response report(const store::execution_detail& found) {
    const store::execution_summary& one = found.summary;
    json::value body = json::value::object({{"execution", base::execution_id_text(one.id)},
                                            {"flow", one.flow},
                                            {"state", store::to_string(one.state)},
                                            {"accepted", base::to_rfc3339(one.accepted_ms)},
                                            {"ended", time_or_null(one.ended_ms)}});
    const auto add = [&body](const char* name, const std::string& text) {
        if (text.empty()) return;
        if (auto content = json::parse(text)) body.set(name, std::move(*content));
    };
    add("output", found.output_json);
    add("error", one.error_json);
    net::http_response response = net::json_response(200, json::to_text(body));
    response.headers.set("Cache-Control", "no-store");
    return response;
}

net::http_response cancelling(store::event_id id) {
    return net::json_response(
        202, json::to_text(json::value::object(
                 {{"execution", base::execution_id_text(id)}, {"cancelling", true}})));
}

net::http_response failure_of(const base::error& why) {
    if (why.code == base::error_code::not_found) return unknown();
    base::log(base::log_level::error, "an execution could not be read for its address",
              {{"why", why.to_text()}});
    return overload(503, "the execution cannot be read at the moment");
}

}  // namespace

runs_address::runs_address(runs_ports ports, run_capabilities capabilities, runs_options options)
    : ports_(std::move(ports)), capabilities_(std::move(capabilities)), options_(options) {}

std::string runs_address::url_of(store::event_id id) const {
    return ports_.deployments.public_url() + std::string(runs_prefix) + capabilities_.make(id);
}

std::optional<store::event_id> runs_address::id_of(std::string_view path) const {
    if (!is_here(path)) return std::nullopt;
    return capabilities_.check(path.substr(runs_prefix.size()));
}

std::optional<net::http_response> runs_address::on_head(const net::http_request_head& head) const {
    if (!id_of(head.path)) return unknown();
    if (head.method != "GET" && head.method != "HEAD" && head.method != "DELETE") {
        net::http_response response =
            net::problem_response(405, {}, "an execution takes GET, HEAD and DELETE");
        response.headers.set("Allow", "GET, HEAD, DELETE");
        return response;
    }
    if (lookups_ >= options_.lookups_at_once) {
        return overload(429, "too many look at executions at once");
    }
    return std::nullopt;
}

void runs_address::look_up(store::event_id id, std::function<void(const found_execution&)> done) {
    ++lookups_;
    ports_.run_blocking([this, id, done = std::move(done)]() mutable {
        found_execution found = ports_.store.execution(id);
        ports_.loop.post([this, done = std::move(done), found = std::move(found)] {
            --lookups_;
            done(found);
        });
    });
}

void runs_address::on_request(const net::http_request& request, net::responder answer) {
    const std::optional<store::event_id> id = id_of(request.path);
    if (!id) return answer(unknown());
    if (request.method == "DELETE") return cancel(*id, answer);
    look_up(*id, [answer](const found_execution& found) {
        answer(found ? report(*found) : failure_of(found.error_value()));
    });
}

void runs_address::cancel(store::event_id id, const net::responder& answer) {
    if (ports_.engine.cancel(id)) return answer(cancelling(id));
    look_up(id, [this, id, answer](const found_execution& found) {
        if (!found) return answer(failure_of(found.error_value()));
        const store::event_state state = found->summary.state;
        const bool over = store::is_terminal(state);
        if (!over && ports_.engine.holds(id)) return answer(cancelling(id));  // asked before
        answer(net::problem_response(
            409, {},
            over ? std::string("the execution is over: ") + store::to_string(state)
                 : "the execution's flow is not deployed at the moment"));
    });
}

}  // namespace sluice::trigger
