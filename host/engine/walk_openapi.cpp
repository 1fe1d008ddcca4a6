// call: openapi: the description says how the request looks.
#include <utility>

#include "engine/execution.hpp"
#include "json/text.hpp"
#include "manifest/openapi.hpp"

namespace sluice::engine {

base::task<outcome> walk::run_openapi(const manifest::task& task,
                                      const manifest::openapi_task& body,
                                      const json::value& input) {
    store::step_record step = begin_step(task, "openapi");
    const std::string key = next_key(step);
    if (const store::step_record* before = replay(step)) co_return replayed_outcome(*before);
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
    const json::value arguments =
        run_.start().flow->resolve(body.parameters, std::move(*parameters));
    net::client_request fetch;
    if (endpoint->is_string()) fetch.url = endpoint->as_string();
    fetch.headers.set("Accept", "application/json");
    fetch.follow_redirects = true;
    const net::client_request shown = fetch;
    const base::result<net::client_response> fetched = co_await send(std::move(fetch));
    outcome document = response_outcome(task, manifest::http_output::content, true, shown, fetched);
    if (!document.completed()) {
        if (stopping()) co_return faulted_with(stopping_fault());
        co_return end_step(std::move(step), std::move(document));
    }
    base::result<manifest::openapi> description = manifest::openapi::read(document.output);
    manifest::openapi_options options;
    options.document_url = shown.url;
    base::result<manifest::openapi_request> prepared =
        description
            ? description->request(operation->is_string() ? operation->as_string() : std::string(),
                                   arguments, options)
            : std::move(description).error_value();
    if (!prepared) {
        co_return end_step(std::move(step),
                           faulted_with(fault_of_call(prepared.error_value(), 0, task.reference)));
    }
    net::client_request request;
    request.method = prepared->method;
    request.url = prepared->url;
    for (const auto& [name, content] : prepared->headers)
        request.headers.add(name, content);
    if (!prepared->content_type.empty()) {
        request.headers.set("Content-Type", prepared->content_type);
    }
    request.body = std::move(prepared->body);
    outcome result = co_await exchange(task, std::move(request), body.output, body.redirect,
                                       body.proof, key, input);
    if (result.faulted() && stopping()) co_return faulted_with(stopping_fault());
    result = end_step(std::move(step), std::move(result));
    run_.records().flush();
    co_return result;
}

}  // namespace sluice::engine
