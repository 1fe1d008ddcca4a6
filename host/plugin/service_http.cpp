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
// Bodies pass through memory as a whole until the HTTP client streams.
constexpr std::size_t body_limit = 64u << 20;

// One request on its way, from send() to done.
struct exchange {
    call_handle call;
    std::uint64_t id = 0;
    sluice_http_done done = nullptr;
    void* user = nullptr;
    bool into_blob = false;
    std::uint64_t port_operation = 0;  // 0: not (or no more) with the port
    bool given_up = false;
};

void answer_error(const std::shared_ptr<exchange>& one, base::error why) {
    post_answer(one->call, one->id, [one, why = std::move(why)] {
        const sluice_error error = to_abi_error(why);
        one->done(one->user, &error, nullptr);
    });
}

base::error cancelled() { return make_error(error_code::cancelled, "the request was cancelled"); }

// Loop thread.
void answer(const std::shared_ptr<exchange>& one, const net::client_response& response,
            const std::shared_ptr<blob>& body) {
    answer_operation(one->call, one->id, [&] {
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

void answer_through_blob(live_call& live, const std::shared_ptr<exchange>& one,
                         net::client_response response) {
    const auto shared = live.owner->shared.get();
    auto body = shared->blobs.create(live.input.scope.execution,
                                     std::string(response.headers.get("content-type")));
    auto kept = std::make_shared<net::client_response>(std::move(response));
    const auto fill = [one, body, kept] {
        if (auto written = body->append(kept->body); !written) {
            return answer_error(one, written.error_value());
        }
        body->seal();
        post_to_strand(one->call, [one, body, kept](live_call&) { answer(one, *kept, body); });
    };
    // Small ones stay in memory and need no other thread.
    if (kept->body.size() <= blob_memory_limit || !shared->io.submit(fill)) fill();
}

void received(const std::shared_ptr<exchange>& one, base::result<net::client_response> response) {
    one->port_operation = 0;
    live_call* live = call_slots::find(one->call);
    if (live == nullptr) return;
    if (!response) {
        return answer_operation(one->call, one->id, [&] {
            const sluice_error error = to_abi_error(response.error_value());
            one->done(one->user, &error, nullptr);
        });
    }
    if (one->into_blob) return answer_through_blob(*live, one, std::move(*response));
    answer(one, *response, nullptr);
}

void send_now(live_call& live, const std::shared_ptr<exchange>& one, net::client_request request) {
    const host_ports& ports = live.owner->shared->ports;
    if (one->given_up) return answer_error(one, cancelled());
    if (request.timeout_ms == 0) {
        const std::int64_t deadline = live.input.deadline_unix_ms;
        const std::int64_t left = deadline - ports.clock.unix_ms();
        request.timeout_ms = deadline == 0 ? default_timeout_ms : left < 1 ? 1 : left;
    }
    one->port_operation = ports.http->send(
        std::move(request),
        [one](base::result<net::client_response> response) { received(one, std::move(response)); });
}

base::result<std::string> read_whole(const blob& source) {
    if (source.length() > body_limit) {
        return make_error(error_code::unsupported,
                          "a request body has at most 64 MiB, this blob has " +
                              std::to_string(source.length()) + " bytes");
    }
    std::string bytes(source.length(), '\0');
    auto got = source.read(0, bytes.data(), bytes.size());
    if (!got) return got.error_value();
    return bytes;
}

void send_blob(live_call& live, const std::shared_ptr<exchange>& one,
               std::shared_ptr<net::client_request> request, std::shared_ptr<blob> body) {
    const auto load = [one, request = std::move(request), body] {
        auto bytes = read_whole(*body);
        if (!bytes) return answer_error(one, bytes.error_value());
        request->body = std::move(*bytes);
        post_to_strand(one->call, [one, request](live_call& alive) {
            send_now(alive, one, std::move(*request));
        });
    };
    if (body->in_memory() || !live.owner->shared->io.submit(load)) load();
}

base::result<net::client_request> read_request(const sluice_http_request& given) {
    if (given.size < sizeof(sluice_http_request)) {
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
    if ((given.flags & SLUICE_HTTP_BODY_TO_BLOB) != 0) request.max_response_bytes = body_limit;
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
    const bool whole = given->size >= sizeof(sluice_http_request);
    one->into_blob = whole && (given->flags & SLUICE_HTTP_BODY_TO_BLOB) != 0;
    auto body = whole && given->body_blob ? blob_of(given->body_blob) : nullptr;
    auto kept = std::make_shared<base::result<net::client_request>>(std::move(request));
    post_for_connector(one->call, [one, kept, body = std::move(body)](live_call& live) {
        live.operations.add(one->id, [one, http = live.owner->shared->ports.http] {
            one->given_up = true;
            if (one->port_operation != 0) http->cancel(one->port_operation);
        });
        if (live.cancelling) return answer_error(one, cancelled_before_it_began());
        if (!*kept) return answer_error(one, kept->error_value());
        if (!body) return send_now(live, one, std::move(**kept));
        send_blob(live, one, std::make_shared<net::client_request>(std::move(**kept)), body);
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
