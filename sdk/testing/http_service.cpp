#include <algorithm>
#include <memory>

#include "mock_core.hpp"
#include "services.hpp"
#include "sluice/failure.hpp"
#include "sluice/http.hpp"

namespace sluice::testing {
namespace {

using answer = http_rule::answer;

recorded_request record(const sluice_http_request& request) {
    recorded_request copy;
    copy.method = detail::to_view(request.method);
    copy.url = detail::to_view(request.url);
    copy.headers = http_response(0, detail::to_view(request.headers), {}).headers;
    copy.body = request.body_blob != nullptr ? mock_blob::from(request.body_blob).bytes
                                             : std::string(detail::to_view(request.body));
    copy.timeout_ms = request.timeout_ms;
    copy.flags = request.flags;
    return copy;
}

answer no_answer(sluice_code code, std::string message) {
    answer made;
    made.error.emplace(code, std::move(message));
    return made;
}

answer find_answer(mock_core& core, mock_call& call, const recorded_request& request) {
    if (!request.url.starts_with("http://") && !request.url.starts_with("https://")) {
        return no_answer(SLUICE_INVALID_INPUT, "'" + request.url + "' is no absolute http address");
    }
    for (http_rule& rule : core.rules) {
        if (!rule.matches(request)) continue;
        if (std::optional<answer> next = rule.take_answer()) return std::move(*next);
        const std::string what = "the rule for " + request.url + " has no reply()";
        call.result.problems.push_back(what);
        return no_answer(SLUICE_UNAVAILABLE, what);
    }
    if (core.answer_others) return core.answer_others(request);
    const std::string what = "no rule answers " + request.method + " " + request.url;
    call.result.problems.push_back(what);
    return no_answer(SLUICE_UNAVAILABLE, what);
}

std::string header_lines(const header_list& headers) {
    std::string lines;
    for (const auto& [name, value] : headers) {
        for (const char c : name) {
            lines.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
        }
        lines += ": " + value + "\r\n";
    }
    return lines;
}

void deliver(mock_core& core, std::uint64_t call, const answer& from, std::uint32_t flags,
             sluice_http_done done, void* user) {
    if (from.error) {
        const shaped_struct error(from.error->as_error(), core.options());
        return done(user, error.get(), nullptr);
    }
    const std::string lines = header_lines(from.headers);
    sluice_http_response response{};
    response.size = sizeof(response);
    response.status = from.status;
    response.headers = detail::to_str(lines);
    if ((flags & SLUICE_HTTP_BODY_TO_BLOB) != 0) {
        const auto guard = core.lock();
        mock_blob& body = core.blobs.emplace_back(core);
        body.id = "blob-" + std::to_string(core.blobs.size());
        body.bytes = from.body;
        body.content_type = http_response(from.status, lines, {}).header("Content-Type");
        body.sealed = true;
        body.holder = call;
        response.body_blob = body.handle();
    } else {
        response.body = detail::to_str(from.body);
    }
    done(user, nullptr, shaped_struct(response, core.options()).get());
}

std::uint64_t SLUICE_CALL send(sluice_call* handle, const sluice_http_request* request,
                               sluice_http_done done, void* user) {
    const auto found_call = mock_call::expect(handle);
    if (!found_call) return 1;
    mock_call& call = *found_call;
    mock_core& core = call.core;
    auto guard = core.lock();
    core.requests.push_back(record(*request));
    answer found = find_answer(core, call, core.requests.back());
    if (request->body_blob != nullptr && !mock_blob::from(request->body_blob).sealed) {
        found = no_answer(SLUICE_CONFLICT, "the request's body is a blob that is not sealed");
    }
    if (request->timeout_ms != 0 && found.delay_ms > request->timeout_ms) {
        found = no_answer(SLUICE_TIMEOUT, "no answer in time");
        found.delay_ms = request->timeout_ms;
    }
    guard.unlock();
    const operation_kind kind{.delay_ms = found.delay_ms};
    return core.start_operation(call, kind,
                                [&core, done, user, number = call.number, flags = request->flags,
                                 found = std::move(found)](const auto* error) {
                                    if (error != nullptr) return done(user, error, nullptr);
                                    deliver(core, number, found, flags, done, user);
                                });
}

void SLUICE_CALL cancel(sluice_call* handle, std::uint64_t operation) {
    const auto call = mock_call::find(handle);
    if (call) call->core.cancel_operation(operation);
}

}  // namespace

const sluice_http_1 http_service{send, cancel};

}  // namespace sluice::testing
