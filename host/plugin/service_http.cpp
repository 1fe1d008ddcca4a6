// sluice.http/1
#include <memory>
#include <string>
#include <utility>

#include "plugin/abi_error.hpp"
#include "plugin/blob_handle.hpp"
#include "plugin/connector_state.hpp"
#include "plugin/http_text.hpp"
#include "plugin/services.hpp"
#include "plugin/strand.hpp"

namespace sluice::plugin {

namespace {

using base::error_code;
using base::make_error;

constexpr std::int64_t default_timeout_ms = 30'000;
// One request on its way, from send() to done.
struct exchange {
    call_handle call;
    std::uint64_t id = 0;
    sluice_http_done done = nullptr;
    void* user = nullptr;
    std::shared_ptr<blob> body;       // the request's
    std::shared_ptr<blob_sink> sink;  // the response's, once its head has come
    bool into_blob = false;
    std::uint64_t port_operation = 0;  // 0: not (or no more) with the port
};

void answer_error(const std::shared_ptr<exchange>& one, base::error why) {
    post_answer(one->call, one->id, [one, why = std::move(why)] {
        const sluice_error error = to_abi_error(why);
        one->done(one->user, &error, nullptr);
    });
}

// Loop thread.
void answer(const std::shared_ptr<exchange>& one, const net::client_response& response) {
    answer_operation(one->call, one->id, [&] {
        const auto body = one->sink ? one->sink->take() : nullptr;
        const std::string headers = to_header_text(response.headers);
        sluice_http_response out = {};
        out.size = sizeof(sluice_http_response);
        out.status = static_cast<std::uint32_t>(response.status);
        out.headers = to_abi(headers);
        if (!body) out.body = to_abi(response.body);
        if (body) out.body_blob = new_blob_handle(body);
        one->done(one->user, nullptr, &out);
        if (body) release_blob_handle(out.body_blob);
    });
}

void received(const std::shared_ptr<exchange>& one, base::result<net::client_response> response) {
    one->port_operation = 0;
    if (call_slots::find(one->call) == nullptr) return;
    if (response) return answer(one, *response);
    answer_operation(one->call, one->id, [&] {
        const sluice_error error = to_abi_error(response.error_value());
        one->done(one->user, &error, nullptr);
    });
}

// The end of the call is the limit; without one, half a minute, for files of silence.
void limit_time(const live_call& live, const exchange& one, net::client_request& request) {
    if (request.timeout_ms != 0) return;
    const std::int64_t deadline = live.input.deadline_unix_ms;
    const std::int64_t left = deadline - live.owner->shared->ports.clock.unix_ms();
    if (deadline != 0) {
        request.timeout_ms = left < 1 ? 1 : left;
    } else if (one.body || one.into_blob) {
        request.stall_ms = default_timeout_ms;
    } else {
        request.timeout_ms = default_timeout_ms;
    }
}

void send_now(live_call& live, const std::shared_ptr<exchange>& one, net::client_request request) {
    const blob_access access = live.owner->shared->access();
    limit_time(live, *one, request);
    if (one->body && !one->body->sealed()) {
        return answer_error(one, make_error(error_code::conflict,
                                            "the request's body is a blob that is not sealed"));
    }
    if (one->body) request.source = make_blob_source(access, one->body);
    if (one->into_blob) {
        request.max_streamed_bytes = live.owner->shared->options.blob_bytes_per_execution;
        request.choose_sink = [one, access, execution = live.input.scope.execution](
                                  const net::client_response& head) {
            one->sink = std::make_shared<blob_sink>(access, execution,
                                                    std::string(head.headers.get("content-type")));
            return one->sink;
        };
    }
    one->port_operation = live.owner->shared->ports.http->send(
        std::move(request),
        [one](base::result<net::client_response> response) { received(one, std::move(response)); });
}

base::result<net::client_request> read_request(const sluice_http_request& given) {
    if (!SLUICE_HAS(&given, reserved)) {
        return make_error(error_code::invalid_input, "the request's struct is too short");
    }
    auto headers = parse_header_text(to_view(given.headers));
    if (!headers) return headers.error_value();
    net::client_request request;
    request.method = to_view(given.method);
    request.url = to_view(given.url);
    request.headers = std::move(*headers);
    request.body = to_view(given.body);
    request.timeout_ms = given.timeout_ms;
    request.follow_redirects = (given.flags & SLUICE_HTTP_FOLLOW_REDIRECTS) != 0;
    return request;
}

std::uint64_t SLUICE_CALL send(sluice_call* handle, const sluice_http_request* given,
                               sluice_http_done done, void* user) {
    auto one = std::make_shared<exchange>();
    one->call = call_slots::from_abi(handle);
    one->id = next_operation();
    one->done = done;
    one->user = user;
    auto request = read_request(*given);
    const bool whole = SLUICE_HAS(given, reserved);
    one->into_blob = whole && (given->flags & SLUICE_HTTP_BODY_TO_BLOB) != 0;
    if (whole && given->body_blob) one->body = blob_of(given->body_blob);
    auto kept = std::make_shared<base::result<net::client_request>>(std::move(request));
    post_for_connector(one->call, [one, kept](live_call& live) {
        live.operations.add(one->id, [one, http = live.owner->shared->ports.http] {
            if (one->port_operation != 0) http->cancel(one->port_operation);
        });
        if (live.cancelling) return answer_error(one, cancelled_before_it_began());
        if (!*kept) return answer_error(one, kept->error_value());
        send_now(live, one, std::move(**kept));
    });
    return one->id;
}

void SLUICE_CALL cancel(sluice_call* handle, std::uint64_t operation) {
    post_for_connector(call_slots::from_abi(handle),
                       [operation](live_call& live) { live.operations.cancel(operation); });
}

}  // namespace

const sluice_http_1& http_service() {
    static constexpr sluice_http_1 table = {send, cancel};
    return table;
}

}  // namespace sluice::plugin
