#include "runner/tables.hpp"

#include <string_view>

#include "plugin/live_call.hpp"
#include "runner/core.hpp"

namespace sluice::runner {

namespace {

using plugin::frame_kind;
using plugin::frame_service;
using plugin::frame_writer;

// The end of a call: also when it was over before, so that the host can count it.
void tell_end(sluice_call* handle, frame_kind kind, frame_writer&& body) {
    const runner_call_ptr call = call_list::find(handle);
    const auto own = call ? call->of.lock() : nullptr;
    if (own && own->end(handle)) return own->send(kind, call->number, std::move(body));
    const call_list::former before = call_list::find_former(handle);
    if (const auto from = before.of.lock()) from->send(kind, before.number, std::move(body));
}

void SLUICE_CALL complete(sluice_call* handle, sluice_str output_json) {
    constexpr std::size_t most = 17u << 20;  // a little beyond the ABI's, so that the host refuses
    frame_writer body;
    body.text(plugin::to_view(output_json).substr(0, most));
    tell_end(handle, frame_kind::complete, std::move(body));
}

void SLUICE_CALL fail(sluice_call* handle, const sluice_error* error) {
    frame_writer body;
    body.failure(error);
    const runner_call_ptr call = call_list::find(handle);
    const auto own = call ? call->of.lock() : nullptr;
    tell_end(handle, frame_kind::fail, std::move(body));
    if (own) own->forget_refused_sessions(*call, error);
}

void SLUICE_CALL post(sluice_call* handle, sluice_fn function, void* user) {
    const runner_call_ptr call = call_list::find(handle);
    const auto own = call ? call->of.lock() : nullptr;
    if (own) own->post(call, [function, user] { function(user); });
}

void SLUICE_CALL log(const sluice_host* host, sluice_call* handle, std::uint32_t level,
                     sluice_str message, sluice_str fields_json) {
    const runner_call_ptr call = handle ? call_list::find(handle) : nullptr;
    if (host == nullptr) return;
    const auto* own = static_cast<const core*>(host->impl);
    frame_writer body;
    body.number(level).text(message).text(fields_json);
    own->send(frame_kind::log, call ? call->number : 0, std::move(body));
}

const void* SLUICE_CALL service(const sluice_host* host, const char* id) {
    if (host == nullptr || id == nullptr) return nullptr;
    return find_service(*static_cast<const core*>(host->impl), id);
}

}  // namespace

sluice_host make_table(core& own) {
    sluice_host table = {};
    table.size = sizeof table;
    table.abi_minor = SLUICE_ABI_MINOR;
    table.impl = &own;
    table.service = service;
    table.complete = complete;
    table.fail = fail;
    table.post = post;
    table.log = log;
    return table;
}

const void* find_service(const core& own, const char* wanted) {
    const std::string_view id = wanted;
    const auto offered = [&own](frame_service needs, const void* table) {
        return own.offers(needs) ? table : nullptr;
    };
    if (id == "sluice.http/1") return offered(frame_service::http, &http_service());
    if (id == "sluice.timer/1") return offered(frame_service::timer, &timer_service());
    if (id == "sluice.state/1") return offered(frame_service::state_get, &state_service());
    if (id == "sluice.blob/1") return offered(frame_service::blob_read, &blob_service());
    if (id == "sluice.work/1") return &work_service();
    if (id == "sluice.session/1") return &session_service();
    if (id == "sluice.clock/1") return &clock_service();
    return nullptr;
}

}  // namespace sluice::runner
