// Stands between the connector and the server, and misbehaves as networks do.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

namespace sluice::sftp::testing {

class tcp_proxy {
  public:
    explicit tcp_proxy(unsigned target_port);
    tcp_proxy(const tcp_proxy&) = delete;
    tcp_proxy& operator=(const tcp_proxy&) = delete;
    ~tcp_proxy();

    unsigned port() const noexcept { return port_; }
    int connections() const noexcept { return connections_; }

    // Resets each connection once so many bytes have come from the server / have gone to it; the
    // next `times` connections.
    void cut_after_down(std::uint64_t bytes, int times) noexcept;
    void cut_after_up(std::uint64_t bytes, int times) noexcept;
    // Nothing passes any more, and nobody hears of it, once so many bytes have come down.
    void stall_after_down(std::uint64_t bytes) noexcept { stall_ = bytes; }

  private:
    struct limits {
        std::uint64_t down;
        std::uint64_t up;
    };
    void accept_all();
    void serve(int client, limits cut) const;
    limits next_limits() noexcept;

    unsigned target_;
    unsigned port_ = 0;
    int listener_;
    std::atomic<bool> ended_ = false;
    std::atomic<int> connections_ = 0;
    std::atomic<std::uint64_t> cut_down_ = 0;
    std::atomic<std::uint64_t> cut_up_ = 0;
    std::atomic<int> cuts_left_ = 0;
    std::atomic<std::uint64_t> stall_ = UINT64_MAX;
    std::vector<std::thread> threads_;
    std::thread acceptor_;
};

}  // namespace sluice::sftp::testing
