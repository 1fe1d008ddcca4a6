// call: http, and what call: openapi shares with it.
#include <algorithm>
#include <utility>

#include "base/encoding.hpp"
#include "engine/credentials.hpp"
#include "engine/execution.hpp"
#include "engine/hide_secrets.hpp"
#include "engine/http_message.hpp"
#include "json/text.hpp"
#include "net/http_types.hpp"
#include "plugin/blob_reference.hpp"

namespace sluice::engine {
namespace {

constexpr std::int64_t longest_request_ms = 60'000;
constexpr std::size_t largest_detail = 300;
constexpr std::size_t longest_secret = 16u << 10;  // a token

}  // namespace

std::int64_t walk::request_time_ms() const {
    const std::int64_t latest = deadline_ms();
    if (latest == 0) return longest_request_ms;
    return std::clamp<std::int64_t>(latest - host_.clock.unix_ms(), 1, longest_request_ms);
}

base::task<base::result<http_answer>> walk::send(net::client_request request,
                                                 std::string body_blob) {
    using result = base::result<http_answer>;
    request.timeout_ms = request_time_ms();
    if (host_.files != nullptr && !run_.start().unrecorded) {
        plugin::blob_http_request one;
        one.execution = run_.start().id;
        one.request = std::move(request);
        one.body_blob = std::move(body_blob);
        using answer = base::result<plugin::blob_http_response>;
        base::callback_awaiter<answer> exchanged([&](auto done) {
            const auto operation = host_.files->send(std::move(one), std::move(done));
            cancel_request_ = [files = host_.files, operation] { files->cancel(operation); };
        });
        answer received = co_await exchanged;
        cancel_request_ = {};
        if (!received) co_return std::move(received).error_value();
        http_answer out;
        out.response.status = received->status;
        out.response.headers = std::move(received->headers);
        out.response.url = std::move(received->url);
        out.response.body = std::move(received->body);
        out.blob = std::move(received->blob);
        co_return result(std::move(out));
    }
    if (host_.http == nullptr || !body_blob.empty()) {
        co_return base::make_error(base::error_code::unsupported,
                                   host_.http == nullptr ? "this run has no access to the network"
                                                         : "this run has no files to send");
    }
    using answer = base::result<net::client_response>;
    base::callback_awaiter<answer> exchanged([&](auto done) {
        const auto operation = host_.http->send(std::move(request), std::move(done));
        cancel_request_ = [http = host_.http, operation] { http->cancel(operation); };
    });
    answer received = co_await exchanged;
    cancel_request_ = {};
    if (!received) co_return std::move(received).error_value();
    http_answer out;
    out.response = std::move(*received);
    co_return result(std::move(out));
}

outcome walk::response_outcome(const manifest::task& task, manifest::http_output how, bool redirect,
                               const net::client_request& request,
                               const base::result<http_answer>& answer) {
    if (!answer) return faulted_with(fault_of_call(answer.error_value(), 0, task.reference));
    const net::client_response& response = answer->response;
    if (response.status >= 200 && response.status < (redirect ? 400 : 300)) {
        return completed_with(response_value(how, request, *answer));
    }
    fault refused;
    refused.type = manifest::standard_error_type("communication");
    refused.status = response.status;
    refused.title = std::string(net::reason_phrase(response.status));
    if (refused.title.empty()) refused.title = "HTTP " + std::to_string(response.status);
    refused.detail = request.method + ' ' + address_of(request.url) + " was answered with " +
                     std::to_string(response.status);
    if (!response.body.empty() && base::is_valid_utf8(response.body)) {
        // Secrets go before it is cut: of half a secret nobody knows what it is.
        const std::string_view start =
            std::string_view(response.body).substr(0, largest_detail + longest_secret);
        const json::value clean = hide_secrets(
            *run_.start().flow, json::value(start.substr(0, base::valid_utf8_length(start))));
        const std::string_view shown =
            std::string_view(clean.as_string()).substr(0, largest_detail);
        refused.detail += ": " + std::string(shown.substr(0, base::valid_utf8_length(shown)));
    }
    refused.instance = task.reference;
    refused.retry_after_ms = retry_after_ms(response.headers, host_.clock.unix_ms());
    return faulted_with(std::move(refused));
}

outcome walk::proven_outcome(const manifest::task& task, manifest::http_output how, bool redirect,
                             const net::client_request& request, const proven_answer& came) {
    if (!came.refused) return response_outcome(task, how, redirect, request, came.answer);
    fault without_token = *came.refused;
    without_token.instance = task.reference;
    return faulted_with(std::move(without_token));
}

base::task<outcome> walk::run_http(const manifest::task& task, const manifest::http_task& body,
                                   const json::value& input) {
    store::step_record step = begin_step(task, "http");
    const std::string key = next_key(step);
    // Also of a replayed step: output.as may ask for it.
    credentials proof;
    const std::optional<fault> unproven = authorize(body.proof, input, task, proof);
    if (const store::step_record* before = replay(step)) co_return replayed_outcome(*before);
    if (unproven) co_return end_step(std::move(step), faulted_with(*unproven));

    std::optional<base::error> failure;
    const bound_flow& flow = *run_.start().flow;
    json::value recorded = json::value::object();
    // What is kept has references where secrets will stand.
    http_fields fields;
    http_fields shown;  // what expressions and messages may see of it
    const auto field = [&](const char* name, const manifest::template_value& code,
                           json::value& real, json::value& hidden) {
        if (failure) return;
        base::result<json::value> content = evaluate(code, input);
        if (!content) {
            failure = std::move(content).error_value();
            return;
        }
        if (!content->is_null()) recorded.set(name, *content);
        hidden = hide_references(code, *content);
        real = flow.resolve(code, std::move(*content));
    };
    json::value method;
    json::value endpoint;
    json::value shown_method;
    json::value shown_endpoint;
    field("method", body.method, method, shown_method);
    field("endpoint", body.endpoint, endpoint, shown_endpoint);
    field("headers", body.headers, fields.headers, shown.headers);
    field("query", body.query, fields.query, shown.query);
    if (body.has_body) field("body", body.body, fields.body, shown.body);
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
        shown_endpoint = fields.endpoint;
    }
    shown.method = fields.method;
    shown.endpoint = shown_endpoint.is_string() ? shown_endpoint.as_string() : std::string();
    json::append_text(step.input_json, recorded);
    if (!run_.records().is_durable()) co_await breathe();  // as before a connector's call
    if (stopping()) co_return faulted_with(stopping_fault());
    std::string file;
    if (const auto named = plugin::blob_reference(fields.body); fields.has_body && named) {
        file = *named;
        fields.has_body = false;
        if (!fields.headers.is_object()) fields.headers = json::value::object();
        const json::value& type = fields.body.get("contentType");
        if (type.is_string() && fields.headers.find("Content-Type") == nullptr &&
            fields.headers.find("content-type") == nullptr) {
            fields.headers.set("Content-Type", type);
        }
    }
    base::result<net::client_request> request = make_request(fields);
    net::client_request seen;
    if (auto made = make_request(shown)) seen = std::move(*made);
    if (!request) {
        co_return end_step(std::move(step), expression_fault(request.error_value(), task));
    }
    outcome result = co_await exchange(task, std::move(*request), std::move(seen), std::move(file),
                                       body.output, body.redirect, proof, key);
    if (result.faulted() && stopping()) co_return faulted_with(stopping_fault());
    result = end_step(std::move(step), std::move(result));
    run_.records().flush_soon();
    co_return result;
}

base::task<outcome> walk::exchange(const manifest::task& task, net::client_request request,
                                   net::client_request shown, std::string body_blob,
                                   manifest::http_output how, bool redirect,
                                   const credentials& proof, const std::string& key) {
    if (request.method != "GET" && request.method != "HEAD" &&
        !request.headers.has("Idempotency-Key")) {
        request.headers.set("Idempotency-Key", key);
    }
    request.follow_redirects = redirect;
    const proven_answer came =
        co_await send_proven(proof, std::move(request), std::move(body_blob));
    co_return proven_outcome(task, how, redirect, shown, came);
}

}  // namespace sluice::engine
