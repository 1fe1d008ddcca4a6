// sluice.http/1 inside the runner.
#include "plugin/live_call.hpp"
#include "runner/blob_handle.hpp"
#include "runner/tables.hpp"

namespace sluice::runner {

namespace {

using plugin::frame_reader;
using plugin::frame_service;
using plugin::frame_writer;

void answer(const std::weak_ptr<core>& of, sluice_http_done done, void* user,
            const sluice_error* error, frame_reader& body) {
    if (error != nullptr) return done(user, error, nullptr);
    sluice_http_response response = {};
    response.size = sizeof response;
    response.status = static_cast<std::uint32_t>(body.number());
    response.headers = plugin::to_abi(body.text());
    response.body = plugin::to_abi(body.text());
    core::blob_facts facts;
    facts.number = body.number();
    facts.id = body.text();
    facts.length = body.number();
    response.body_blob = new_blob_handle(of, facts);
    done(user, nullptr, &response);
    if (response.body_blob != nullptr) release_blob_handle(response.body_blob);
}

std::uint64_t SLUICE_CALL send(sluice_call* handle, const sluice_http_request* given,
                               sluice_http_done done, void* user) {
    const runner_call_ptr call = call_list::find(handle);
    const auto own = call ? call->of.lock() : nullptr;
    if (!own) return 1;
    sluice_http_request whole = {};
    whole.size = given->size;
    // The host refuses what is too short.
    if (given->size >= sizeof whole) whole = *given;
    const std::uint64_t blob = whole.body_blob != nullptr ? from_abi(whole.body_blob)->number : 0;
    frame_writer body;
    body.number(static_cast<std::uint64_t>(frame_service::http))
        .number(whole.size)
        .number(whole.timeout_ms)
        .text(whole.method)
        .text(whole.url)
        .text(whole.headers)
        .text(whole.body)
        .number(blob)
        .number(whole.flags);
    return own->request(
        call, std::move(body),
        [of = call->of, done, user](const sluice_error* error, frame_reader& reader) {
            answer(of, done, user, error, reader);
        });
}

void SLUICE_CALL cancel(sluice_call* handle, std::uint64_t operation) {
    const runner_call_ptr call = call_list::find(handle);
    if (const auto own = call ? call->of.lock() : nullptr) own->give_up(call, operation);
}

}  // namespace

const sluice_http_1& http_service() {
    static constexpr sluice_http_1 table = {send, cancel};
    return table;
}

}  // namespace sluice::runner
