#include "mock_core.hpp"
#include "services.hpp"
#include "sluice/failure.hpp"

namespace sluice::testing {
namespace {

const void* SLUICE_CALL service(const sluice_host* host, const char* id) {
    return find_service(*static_cast<const mock_core*>(host->impl), id);
}

void SLUICE_CALL complete(sluice_call* handle, sluice_str output) {
    const auto call = mock_call::expect(handle);
    if (call) call->core.end(*call, nullptr, detail::to_view(output));
}

void SLUICE_CALL fail(sluice_call* handle, const sluice_error* error) {
    const auto call = mock_call::expect(handle);
    if (call) call->core.end(*call, error, {});
}

void SLUICE_CALL post(sluice_call* handle, sluice_fn function, void* user) {
    const auto call = mock_call::find(handle);
    if (call) call->core.post(*call, function, user);
}

void SLUICE_CALL log(const sluice_host* host, sluice_call* handle, std::uint32_t level,
                     sluice_str message, sluice_str fields) {
    const auto call = mock_call::find(handle);
    auto* core = static_cast<mock_core*>(host->impl);
    log_line line{level, std::string(detail::to_view(message)), json()};
    try {
        if (fields.size != 0) line.fields = json::parse(detail::to_view(fields));
    } catch (const json_error& error) {
        core->problem(call.get(), std::string("the fields of a log line are ") + error.what());
    }
    core->log(call.get(), std::move(line));
}

}  // namespace

sluice_host host_table(mock_core& core) {
    sluice_host table{};
    table.size = sizeof(table);
    table.abi_minor = SLUICE_ABI_MINOR;
    table.impl = &core;
    table.service = service;
    table.complete = complete;
    table.fail = fail;
    table.post = post;
    table.log = log;
    return table;
}

const void* find_service(const mock_core& core, std::string_view id) {
    if (!core.has_service(id)) return nullptr;
    if (id == "sluice.http/1") return &http_service;
    if (id == "sluice.blob/1") return &blob_service;
    if (id == "sluice.state/1") return &state_service;
    if (id == "sluice.work/1") return &work_service;
    if (id == "sluice.timer/1") return &timer_service;
    if (id == "sluice.clock/1") return &clock_service;
    if (id == "sluice.session/1") return &session_service;
    return nullptr;
}

}  // namespace sluice::testing
