// callback.post: tells the result of another execution, or an alert, to whoever wanted it.
#include <utility>

#include "engine/alerts.hpp"
#include "engine/callback_message.hpp"
#include "engine/execution.hpp"
#include "engine/http_message.hpp"

namespace sluice::engine {

base::task<outcome> walk::deliver_result(const manifest::task& task, store::step_record step,
                                         json::value arguments) {
    const json::value& payload = run_.start().payload;
    if (const json::value* why = payload.find("fault")) {
        co_return end_step(std::move(step), faulted_with(fault::from_json(*why)));
    }
    const auto& call = std::get<manifest::call_task>(task.body);
    const json::value known = run_.start().flow->resolve(call.with, std::move(arguments));
    std::optional<json::value> secret;
    if (const json::value* found = known.find("secret")) secret = *found;
    // The flow of an alert has its address; who wants a result has said where with the request.
    const json::value* const own = known.find("url");
    const bool alert = own != nullptr;
    if (alert && (own->is_null() || *own == json::value(""))) {
        // Nobody wants to be told any more.
        co_return end_step(std::move(step), completed_with(json::value::object({})));
    }
    const json::value& url = alert ? *own : payload.get("url");
    const json::value body = alert ? alert_message(payload) : payload.get("result");
    const std::string id =
        alert ? base::execution_id_text(run_.start().id) : body.string_or("execution", "");
    base::result<net::client_request> request =
        make_callback(url, body, id, secret, host_.clock.unix_ms());
    if (!request) {
        co_return end_step(std::move(step),
                           faulted_with(fault_of_call(request.error_value(), 0, task.reference)));
    }
    net::client_request shown;
    shown.method = request->method;
    shown.url = request->url;
    const base::result<http_answer> answer = co_await send(std::move(*request), {});
    outcome result = response_outcome(task, manifest::http_output::content, false, shown, answer);
    if (result.faulted() && stopping()) co_return faulted_with(stopping_fault());
    if (result.completed())
        result.output = json::value::object({{"status", answer->response.status}});
    result = end_step(std::move(step), std::move(result));
    run_.records().flush();
    co_return result;
}

}  // namespace sluice::engine
