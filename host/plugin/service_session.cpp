// sluice.session/1
#include <memory>
#include <string>

#include "plugin/connector_state.hpp"
#include "plugin/services.hpp"
#include "plugin/strand.hpp"

namespace sluice::plugin {

namespace {

struct caller {
    std::shared_ptr<session_cache> sessions;  // null: the call is over
    std::string owner;
};

caller find_caller(sluice_call* handle) {
    caller found;
    std::string instance;
    std::string connection;
    call_slots::with(call_slots::from_abi(handle), [&](const live_call& live) {
        found.sessions = live.owner->sessions();
        instance = live.input.scope.instance;
        connection = live.input.connection_json;
    });
    if (found.sessions) found.owner = session_cache::owner_of(instance, connection);
    return found;
}

void* SLUICE_CALL take(sluice_call* handle, sluice_str key) {
    const caller from = find_caller(handle);
    return from.sessions ? from.sessions->take(from.owner, to_view(key)) : nullptr;
}

void SLUICE_CALL keep(sluice_call* handle, sluice_str key, void* session, std::uint64_t idle_ms,
                      sluice_fn close) {
    const caller from = find_caller(handle);
    const std::string_view name = to_view(key);
    if (from.sessions && name.size() <= session_cache::longest_key &&
        from.sessions->keep(from.owner, name, session, idle_ms, close)) {
        return;
    }
    close(session);
}

}  // namespace

const sluice_session_1& session_service() {
    static constexpr sluice_session_1 table = {take, keep};
    return table;
}

}  // namespace sluice::plugin
