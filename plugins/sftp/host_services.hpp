// Waiting for the host's services in a blocking action.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <sluice/connector.hpp>
#include <string>

#include "session.hpp"

namespace sluice::sftp {

inline std::unique_ptr<session> take_session(context&) { return nullptr; }
inline void keep_session(context&, std::unique_ptr<session>) {}

class io_wait {
  public:
    static void SLUICE_CALL done(void* user, const sluice_error* error, std::uint64_t n) noexcept {
        auto& self = *static_cast<io_wait*>(user);
        const std::lock_guard lock(self.mutex_);
        if (error != nullptr) self.error_.emplace(*error);
        self.count_ = n;
        self.ended_ = true;
        self.arrived_.notify_one();
    }
    std::size_t wait() {
        std::unique_lock lock(mutex_);
        arrived_.wait(lock, [&] { return ended_; });
        if (error_) throw failure(*error_);
        return static_cast<std::size_t>(count_);
    }

  private:
    std::mutex mutex_;
    std::condition_variable arrived_;
    std::optional<failure> error_;
    std::uint64_t count_ = 0;
    bool ended_ = false;
};

inline std::string read_wait(const blob& source, std::uint64_t offset, std::size_t n) {
    std::string bytes(n, '\0');
    io_wait io;
    source.service().read(source.call(), source.handle(), offset, bytes.data(), n, &io_wait::done,
                          &io);
    bytes.resize(io.wait());
    return bytes;
}

inline void write_wait(const blob& target, std::string_view bytes) {
    io_wait io;
    target.service().write(target.call(), target.handle(), bytes.data(), bytes.size(),
                           &io_wait::done, &io);
    io.wait();
}

}  // namespace sluice::sftp
