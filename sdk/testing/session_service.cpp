#include <algorithm>

#include "mock_core.hpp"
#include "services.hpp"

namespace sluice::testing {
namespace {

constexpr std::size_t most_of_one_key = 8;
constexpr std::size_t most_of_all = 256;
constexpr std::size_t longest_key = 256;
constexpr std::uint64_t longest_idle_ms = 600'000;

void* SLUICE_CALL take(sluice_call* handle, sluice_str key) {
    const auto call = mock_call::find(handle);
    if (!call) return nullptr;
    const auto guard = call->core.lock();
    if (call->ended) return nullptr;
    auto& all = call->core.sessions;
    const std::string owner = call->session_owner();
    // What was idle too long is closed when the call is over: not on a strand.
    const auto found = std::find_if(all.begin(), all.end(), [&](const mock_session& one) {
        return one.owner == owner && one.key == detail::to_view(key) &&
               one.until_ms > call->core.now_ms;
    });
    if (found == all.end()) return nullptr;
    void* const session = found->session;
    all.erase(found);
    return session;
}

void SLUICE_CALL keep(sluice_call* handle, sluice_str key, void* session, std::uint64_t idle_ms,
                      sluice_fn close) {
    const auto call = mock_call::find(handle);
    if (!call) return close(session);
    mock_core& core = call->core;
    auto guard = core.lock();
    if (call->ended || key.size > longest_key) {
        guard.unlock();
        return close(session);
    }
    mock_session kept{call->session_owner(), std::string(detail::to_view(key)), session, close,
                      core.now_ms + std::min(idle_ms, longest_idle_ms)};
    const auto same = [&](const mock_session& one) {
        return one.owner == kept.owner && one.key == kept.key;
    };
    auto& all = core.sessions;  // the one kept last comes first
    const bool full =
        std::count_if(all.begin(), all.end(), same) >= std::ptrdiff_t{most_of_one_key};
    const auto oldest = full ? std::find_if(all.rbegin(), all.rend(), same) : all.rbegin();
    if (full || all.size() >= most_of_all) {
        core.surplus.push_back(*oldest);
        all.erase(std::next(oldest).base());
    }
    all.push_front(std::move(kept));
}

}  // namespace

void mock_core::close_sessions(const std::function<bool(const mock_session&)>& which) {
    std::vector<mock_session> closing;
    {
        const auto guard = lock();
        std::copy_if(sessions.begin(), sessions.end(), std::back_inserter(closing), which);
        std::erase_if(sessions, which);
        std::move(surplus.begin(), surplus.end(), std::back_inserter(closing));
        surplus.clear();
    }
    for (const mock_session& one : closing)
        one.close(one.session);
}

void mock_core::close_idle_sessions() {
    std::uint64_t now = 0;
    {
        const auto guard = lock();
        now = now_ms;
    }
    close_sessions([now](const mock_session& one) { return one.until_ms <= now; });
}

const sluice_session_1 session_service{take, keep};

}  // namespace sluice::testing
