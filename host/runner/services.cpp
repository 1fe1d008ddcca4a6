// sluice.timer/1, sluice.state/1, sluice.work/1, sluice.session/1 and
// sluice.clock/1 inside the runner.
#include "plugin/live_call.hpp"
#include "runner/core.hpp"
#include "runner/tables.hpp"

namespace sluice::runner {

namespace {

using plugin::frame_reader;
using plugin::frame_service;
using plugin::frame_writer;

struct place {
    runner_call_ptr call;
    std::shared_ptr<core> own;
    explicit operator bool() const { return own != nullptr; }
};

place place_of(sluice_call* handle) {
    place out;
    out.call = call_list::find(handle);
    if (out.call) out.own = out.call->of.lock();
    return out;
}

operation_answer plain(sluice_done done, void* user) {
    return [done, user](const sluice_error* error, frame_reader&) { done(user, error); };
}

// ---- Timer --------------------------------------------------------------------------------------

std::uint64_t SLUICE_CALL after(sluice_call* handle, std::uint64_t delay_ms, sluice_done done,
                                void* user) {
    const place at = place_of(handle);
    if (!at) return 1;
    frame_writer body;
    body.number(static_cast<std::uint64_t>(frame_service::timer)).number(delay_ms);
    return at.own->request(at.call, std::move(body), plain(done, user));
}

void SLUICE_CALL cancel_timer(sluice_call* handle, std::uint64_t operation) {
    if (const place at = place_of(handle)) at.own->give_up(at.call, operation);
}

// ---- State --------------------------------------------------------------------------------------

void use_state(sluice_call* handle, frame_service service, sluice_str key, std::uint64_t expected,
               sluice_str value, operation_answer answer) {
    const place at = place_of(handle);
    if (!at) return;
    frame_writer body;
    body.number(static_cast<std::uint64_t>(service)).text(key).number(expected).text(value);
    at.own->request(at.call, std::move(body), std::move(answer));
}

void SLUICE_CALL get(sluice_call* handle, sluice_str key, sluice_state_done done, void* user) {
    use_state(handle, frame_service::state_get, key, 0, {},
              [done, user](const sluice_error* error, frame_reader& answer) {
                  const auto found = static_cast<std::uint32_t>(answer.number());
                  const sluice_str value = plugin::to_abi(answer.text());
                  const std::uint64_t version = answer.number();
                  done(user, error, found, value, version);
              });
}

void SLUICE_CALL set(sluice_call* handle, sluice_str key, sluice_str value, sluice_done done,
                     void* user) {
    use_state(handle, frame_service::state_set, key, 0, value, plain(done, user));
}

void SLUICE_CALL compare_and_set(sluice_call* handle, sluice_str key, std::uint64_t expected,
                                 sluice_str value, sluice_done done, void* user) {
    use_state(handle, frame_service::state_compare, key, expected, value, plain(done, user));
}

void SLUICE_CALL remove(sluice_call* handle, sluice_str key, sluice_done done, void* user) {
    use_state(handle, frame_service::state_remove, key, 0, {}, plain(done, user));
}

// ---- Work ---------------------------------------------------------------------------------------

void SLUICE_CALL run(sluice_call* handle, sluice_fn blocking, sluice_done done, void* user) {
    if (const place at = place_of(handle)) at.own->run_work(at.call, blocking, done, user);
}

// ---- Sessions: pointers, which cannot leave this process ----------------------------------------

std::string owner_of(const runner_call& call) {
    return plugin::session_cache::owner_of(call.instance, call.connection);
}

void* SLUICE_CALL take(sluice_call* handle, sluice_str key) {
    const place at = place_of(handle);
    return at ? at.own->sessions().take(owner_of(*at.call), plugin::to_view(key)) : nullptr;
}

void SLUICE_CALL keep(sluice_call* handle, sluice_str key, void* session, std::uint64_t idle_ms,
                      sluice_fn close) {
    const place at = place_of(handle);
    const std::string_view name = plugin::to_view(key);
    if (at && name.size() <= plugin::session_cache::longest_key &&
        at.own->sessions().keep(owner_of(*at.call), name, session, idle_ms, close)) {
        return;
    }
    close(session);
}

// ---- Clock: that of this machine, as the host's -------------------------------------------------

std::int64_t SLUICE_CALL unix_ms(const sluice_host* host) {
    return static_cast<const core*>(host->impl)->clock().unix_ms();
}

}  // namespace

const sluice_clock_1& clock_service() {
    static constexpr sluice_clock_1 table = {unix_ms};
    return table;
}

const sluice_session_1& session_service() {
    static constexpr sluice_session_1 table = {take, keep};
    return table;
}

const sluice_timer_1& timer_service() {
    static constexpr sluice_timer_1 table = {after, cancel_timer};
    return table;
}

const sluice_state_1& state_service() {
    static constexpr sluice_state_1 table = {get, set, compare_and_set, remove};
    return table;
}

const sluice_work_1& work_service() {
    static constexpr sluice_work_1 table = {run};
    return table;
}

}  // namespace sluice::runner
