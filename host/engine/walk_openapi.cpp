// call: openapi: the description says how the request looks.
#include <utility>

#include "engine/credentials.hpp"
#include "engine/execution.hpp"
#include "engine/http_message.hpp"
#include "json/text.hpp"
#include "manifest/openapi.hpp"

namespace sluice::engine {
namespace {

net::client_request to_message(manifest::openapi_request prepared) {
    net::client_request request;
    request.method = std::move(prepared.method);
    request.url = std::move(prepared.url);
    for (const auto& [name, content] : prepared.headers)
        request.headers.add(name, content);
    if (!prepared.content_type.empty()) request.headers.set("Content-Type", prepared.content_type);
    request.body = std::move(prepared.body);
    return request;
}

}  // namespace

base::task<outcome> walk::run_openapi(const manifest::task& task,
                                      const manifest::openapi_task& body,
                                      const json::value& input) {
    store::step_record step = begin_step(task, "openapi");
    const std::string key = next_key(step);
    credentials reading;
    credentials proof;
    std::optional<fault> unproven = authorize(body.document_proof, input, task, reading);
    scope_.set_authorization({});  // it is that of the call
    if (!unproven) unproven = authorize(body.proof, input, task, proof);
    if (const store::step_record* before = replay(step)) co_return replayed_outcome(*before);
    if (unproven) co_return end_step(std::move(step), faulted_with(*unproven));
    base::result<json::value> endpoint = evaluate(body.document, input);
    base::result<json::value> operation = evaluate(body.operation, input);
    base::result<json::value> parameters = evaluate(body.parameters, input);
    for (const auto* each : {&endpoint, &operation, &parameters}) {
        if (!*each) {
            co_return end_step(std::move(step), expression_fault(each->error_value(), task));
        }
    }
    json::append_text(step.input_json, json::value::object({{"document", *endpoint},
                                                            {"operationId", *operation},
                                                            {"parameters", *parameters}}));
    const json::value hidden = hide_references(body.parameters, *parameters);
    const json::value arguments =
        run_.start().flow->resolve(body.parameters, std::move(*parameters));
    if (!run_.records().is_durable()) co_await breathe();  // as before a connector's call
    if (stopping()) co_return faulted_with(stopping_fault());
    net::client_request fetch;
    if (endpoint->is_string()) fetch.url = endpoint->as_string();
    fetch.headers.set("Accept", "application/json");
    fetch.follow_redirects = true;
    const net::client_request shown = fetch;
    const proven_answer fetched = co_await send_proven(reading, std::move(fetch), {});
    outcome document = proven_outcome(task, manifest::http_output::content, true, shown, fetched);
    if (stopping()) co_return faulted_with(stopping_fault());
    if (!document.completed()) {
        co_return end_step(std::move(step), std::move(document));
    }
    base::result<manifest::openapi> description = manifest::openapi::read(document.output);
    manifest::openapi_options options;
    options.document_url = shown.url;
    const std::string id = operation->is_string() ? operation->as_string() : std::string();
    base::result<manifest::openapi_request> prepared =
        description ? description->request(id, arguments, options) : description.error_value();
    if (!prepared) {
        co_return end_step(std::move(step),
                           faulted_with(fault_of_call(prepared.error_value(), 0, task.reference)));
    }
    net::client_request request = to_message(std::move(*prepared));
    net::client_request seen;
    if (auto same = description->request(id, hidden, options)) seen = to_message(std::move(*same));
    outcome result = co_await exchange(task, std::move(request), std::move(seen), {}, body.output,
                                       body.redirect, proof, key);
    if (result.faulted() && stopping()) co_return faulted_with(stopping_fault());
    result = end_step(std::move(step), std::move(result));
    run_.records().flush_soon();
    co_return result;
}

}  // namespace sluice::engine
