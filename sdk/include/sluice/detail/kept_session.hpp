// What context::take_session and keep_session do.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include "sluice/failure.hpp"
#include "sluice/host.hpp"

namespace sluice {
inline namespace sdk {
namespace detail {

// A session as the host keeps it: with its type, so that it comes back as nothing else.
class kept_session {
  public:
    virtual ~kept_session() = default;
    static void SLUICE_CALL close(void* kept) noexcept { delete static_cast<kept_session*>(kept); }
};

template <class Session>
class kept_session_of final : public kept_session {
  public:
    explicit kept_session_of(std::unique_ptr<Session> given) : session(std::move(given)) {}
    std::unique_ptr<Session> session;
};

template <class Session>
std::unique_ptr<Session> take_session(const sluice_session_1* service, sluice_call* call,
                                      std::string_view key) {
    if (service == nullptr) return nullptr;
    const std::unique_ptr<kept_session> kept(
        static_cast<kept_session*>(service->take(call, to_str(key))));
    if (kept == nullptr) return nullptr;
    auto* const known = dynamic_cast<kept_session_of<Session>*>(kept.get());
    if (known == nullptr) {
        throw failure(SLUICE_INTERNAL, "the session kept as '" + std::string(key) +
                                           "' is of another type than the one asked for");
    }
    return std::move(known->session);
}

template <class Session>
void keep_session(const sluice_session_1* service, sluice_call* call, std::string_view key,
                  std::unique_ptr<Session> session, std::chrono::milliseconds idle) {
    if (service == nullptr || session == nullptr) return;
    kept_session* const kept = new kept_session_of<Session>(std::move(session));
    const auto idle_ms = idle.count() > 0 ? static_cast<std::uint64_t>(idle.count()) : 0;
    service->keep(call, to_str(key), kept, idle_ms, &kept_session::close);
}

}  // namespace detail
}  // namespace sdk
}  // namespace sluice
