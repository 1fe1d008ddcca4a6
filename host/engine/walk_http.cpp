// call: http, and what call: openapi shares with it.
#include <algorithm>
#include <utility>

#include "base/encoding.hpp"
#include "engine/execution.hpp"
#include "engine/http_message.hpp"
#include "json/text.hpp"
#include "net/http_types.hpp"
#include "net/url.hpp"

namespace sluice::engine {
namespace {

constexpr std::int64_t longest_request_ms = 60'000;
constexpr std::size_t largest_detail = 300;

}  // namespace

// The Authorization field; nothing without credentials.
base::result<std::string> walk::authorization(const manifest::authentication& proof,
                                              const json::value& input) {
    const auto text = [&](const manifest::template_value& code) -> base::result<std::string> {
        base::result<json::value> content = evaluate(code, input);
        if (!content) return std::move(content).error_value();
        const json::value known = run_.start().flow->resolve(code, std::move(*content));
        return known.is_string() ? known.as_string() : json::to_text(known);
    };
    if (proof.type == manifest::authentication::kind::bearer) {
        base::result<std::string> token = text(proof.token);
        if (!token) return token;
        return "Bearer " + *token;
    }
    if (proof.type == manifest::authentication::kind::basic) {
        base::result<std::string> user = text(proof.user);
        if (!user) return user;
        base::result<std::string> password = text(proof.password);
        if (!password) return password;
        return "Basic " + base::to_base64(*user + ':' + *password);
    }
    return std::string();
}

base::task<base::result<net::client_response>> walk::send(net::client_request request) {
    if (host_.http == nullptr) {
        co_return base::make_error(base::error_code::unsupported,
                                   "this run has no access to the network");
    }
    request.timeout_ms = longest_request_ms;
    if (deadline_ms_ != 0) {
        request.timeout_ms =
            std::clamp<std::int64_t>(deadline_ms_ - host_.clock.unix_ms(), 1, longest_request_ms);
    }
    using answer = base::result<net::client_response>;
    base::callback_awaiter<answer> response(
        [&](auto done) { running_http_ = host_.http->send(std::move(request), std::move(done)); });
    answer received = co_await response;
    running_http_ = 0;
    co_return received;
}

outcome walk::response_outcome(const manifest::task& task, manifest::http_output how, bool redirect,
                               const net::client_request& request,
                               const base::result<net::client_response>& answer) {
    if (!answer) return faulted_with(fault_of_call(answer.error_value(), 0, task.reference));
    const net::client_response& response = *answer;
    if (response.status >= 200 && response.status < (redirect ? 400 : 300)) {
        return completed_with(response_value(how, request, response));
    }
    fault refused;
    refused.type = manifest::standard_error_type("communication");
    refused.status = response.status;
    refused.title = std::string(net::reason_phrase(response.status));
    if (refused.title.empty()) refused.title = "HTTP " + std::to_string(response.status);
    const base::result<net::url> address = net::parse_url(request.url);
    refused.detail = request.method + ' ' + (address ? address->origin() + address->path : "") +
                     " was answered with " + std::to_string(response.status);
    if (!response.body.empty() && base::is_valid_utf8(response.body)) {
        const std::size_t size =
            base::valid_utf8_length(std::string_view(response.body).substr(0, largest_detail));
        refused.detail += ": " + response.body.substr(0, size);
    }
    refused.instance = task.reference;
    refused.retry_after_ms = retry_after_ms(response.headers, host_.clock.unix_ms());
    return faulted_with(std::move(refused));
}

base::task<outcome> walk::run_http(const manifest::task& task, const manifest::http_task& body,
                                   const json::value& input) {
    store::step_record step = begin_step(task, "http");
    const std::string key = next_key(step);
    if (const store::step_record* before = replay(step)) co_return replayed_outcome(*before);

    std::optional<base::error> failure;
    const bound_flow& flow = *run_.start().flow;
    json::value recorded = json::value::object();
    // What is kept has references where secrets will stand.
    const auto field = [&](const char* name, const manifest::template_value& code) {
        if (failure) return json::value();
        base::result<json::value> content = evaluate(code, input);
        if (!content) {
            failure = std::move(content).error_value();
            return json::value();
        }
        if (!content->is_null()) recorded.set(name, *content);
        return flow.resolve(code, std::move(*content));
    };
    http_fields fields;
    const json::value method = field("method", body.method);
    const json::value endpoint = field("endpoint", body.endpoint);
    fields.headers = field("headers", body.headers);
    fields.query = field("query", body.query);
    if (body.has_body) fields.body = field("body", body.body);
    fields.has_body = body.has_body;
    if (!failure && (!method.is_string() || !endpoint.is_string())) {
        failure = base::make_error(base::error_code::invalid_input,
                                   "`method` and `endpoint` must be text");
    }
    if (failure) co_return end_step(std::move(step), expression_fault(*failure, task));
    fields.method = method.as_string();
    fields.endpoint = endpoint.as_string();
    if (body.endpoint.is_literal()) {
        base::result<std::string> filled = fill_endpoint(fields.endpoint, input);
        if (!filled) {
            co_return end_step(std::move(step), expression_fault(filled.error_value(), task));
        }
        fields.endpoint = std::move(*filled);
        recorded.set("endpoint", fields.endpoint);
    }
    json::append_text(step.input_json, recorded);
    run_.records().flush();  // as before a connector's call
    base::result<net::client_request> request = make_request(fields);
    if (!request) {
        co_return end_step(std::move(step), expression_fault(request.error_value(), task));
    }
    outcome result = co_await exchange(task, std::move(*request), body.output, body.redirect,
                                       body.proof, key, input);
    if (result.faulted() && stopping()) co_return faulted_with(stopping_fault());
    result = end_step(std::move(step), std::move(result));
    run_.records().flush();
    co_return result;
}

base::task<outcome> walk::exchange(const manifest::task& task, net::client_request request,
                                   manifest::http_output how, bool redirect,
                                   const manifest::authentication& proof, const std::string& key,
                                   const json::value& input) {
    base::result<std::string> credentials = authorization(proof, input);
    if (!credentials) co_return expression_fault(credentials.error_value(), task);
    const net::client_request shown = request;  // without credentials
    if (!credentials->empty()) request.headers.set("Authorization", *credentials);
    if (request.method != "GET" && request.method != "HEAD" &&
        !request.headers.has("Idempotency-Key")) {
        request.headers.set("Idempotency-Key", key);
    }
    request.follow_redirects = redirect;
    const base::result<net::client_response> answer = co_await send(std::move(request));
    co_return response_outcome(task, how, redirect, shown, answer);
}

}  // namespace sluice::engine
