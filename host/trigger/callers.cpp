#include "trigger/callers.hpp"

#include <utility>

#include "trigger/flow_response.hpp"
#include "trigger/reply.hpp"

namespace sluice::trigger {
namespace {

net::http_response result_of(const engine::end_of_execution& end) {
    using kind = engine::end_of_execution::kind;
    if (end.how == kind::succeeded) return response_of(end.output);
    if (end.how == kind::failed) return response_of(end.error);
    if (end.how == kind::cancelled) {
        return net::problem_response(409, "Cancelled", "the execution was cancelled");
    }
    return overload(503, "the host is ending");
}

net::http_response unrecorded(net::http_response response) {
    response.headers.set("Sluice-Recorded", "none");
    return response;
}

}  // namespace

callers::callers(base::event_loop& loop, engine::engine& engine,
                 std::function<std::string(store::event_id)> address_of, const uploads* files)
    : loop_(loop), engine_(engine), address_of_(std::move(address_of)), files_(files) {}

void callers::await_end(store::event_id id, std::int64_t within_ms, net::responder answer) {
    if (ending_) return answer(accepted_reply(id, address_of_(id)));
    caller waiting{std::move(answer)};
    waiting.timer = loop_.run_after(within_ms, [this, id] {
        auto found = waiting_.extract(id);
        if (!found.empty()) found.mapped().answer(accepted_reply(id, address_of_(id)));
    });
    waiting_.emplace(id, std::move(waiting));
}

void callers::on_end(store::event_id id, const engine::end_of_execution& end) {
    auto found = waiting_.extract(id);
    if (found.empty()) return;
    loop_.cancel(found.mapped().timer);
    found.mapped().answer(result(id, end));
}

net::http_response callers::result(store::event_id id, const engine::end_of_execution& end) const {
    std::optional<net::http_response> file;
    if (files_ != nullptr && end.how == engine::end_of_execution::kind::succeeded) {
        file = file_response(files_->access(), id, end.output);
    }
    return file ? std::move(*file) : result_of(end);
}

void callers::run_unrecorded(std::shared_ptr<const engine::bound_flow> flow, json::value payload,
                             std::int64_t within_ms, net::responder answer) {
    const auto waiting = std::make_shared<caller>(caller{std::move(answer)});
    const auto over = std::make_shared<bool>(false);
    const store::event_id id =
        engine_.run_unrecorded(std::move(flow), std::move(payload),
                               [this, waiting, over](const engine::end_of_execution& end) {
                                   if (std::exchange(*over, true)) return;
                                   loop_.cancel(waiting->timer);
                                   waiting->answer(unrecorded(result_of(end)));
                               });
    if (id == 0) {
        return waiting->answer(unrecorded(overload(429, "too many requests at once")));
    }
    waiting->timer = loop_.run_after(within_ms, [this, waiting, over, id] {
        if (std::exchange(*over, true)) return;
        waiting->answer(unrecorded(net::problem_response(
            504, {}, "the flow took longer than the time it has, and was given up")));
        engine_.cancel(id);
    });
}

void callers::run_at_once(std::shared_ptr<const engine::bound_flow> flow, store::new_event event,
                          json::value payload, bool with_result, net::responder answer) {
    const store::event_id id = event.id;
    engine_.run_at_once(
        std::move(flow), std::move(event), std::move(payload),
        [this, id, with_result, answer = std::move(answer)](const engine::end_of_execution& end) {
            if (end.how == engine::end_of_execution::kind::abandoned) {
                return answer(overload(503, "the event could not be stored"));
            }
            answer(with_result ? result(id, end) : accepted_reply(id, address_of_(id)));
        });
}

void callers::answer_all() {
    ending_ = true;
    for (auto& [id, waiting] : std::exchange(waiting_, {})) {
        loop_.cancel(waiting.timer);
        waiting.answer(accepted_reply(id, address_of_(id)));
    }
}

}  // namespace sluice::trigger
