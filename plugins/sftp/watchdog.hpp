// Ends what libssh would wait for without end: libssh 0.10 starts to wait again after each timeout
// while it reads an answer of SFTP, and knows nothing of calls that the host wants to end.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <sluice/connector.hpp>
#include <sluice/file_descriptor.hpp>
#include <thread>
#include <vector>

namespace sluice::sftp {

class watchdog {
  public:
    enum class verdict { fine, hangs, cancelled };

    watchdog() = default;
    watchdog(const watchdog&) = delete;
    watchdog& operator=(const watchdog&) = delete;
    ~watchdog();

    // A connection that is watched as long as this object lives, while a call uses it.
    class watched {
      public:
        // For this call. Keeps a duplicate of the socket: libssh may close its own at any time,
        // and its number may be another connection's then.
        watched(std::shared_ptr<watchdog> by, int socket, unsigned timeout_seconds,
                const context& call);
        watched(const watched&) = delete;
        watched& operator=(const watched&) = delete;
        ~watched();

        // The call that uses it, or none. Outlives its use.
        void use_for(const context* call);
        // Something new is waited for.
        void start_anew();
        verdict found() const;

      private:
        friend watchdog;
        std::shared_ptr<watchdog> by_;
        file_descriptor socket_;
        unsigned most_rounds_;
        // under the watchdog's lock
        unsigned rounds_ = 0;
        const context* call_;
        verdict verdict_ = verdict::fine;
    };

  private:
    void run();
    static void look_at(watched& each);

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    bool ended_ = false;
    std::vector<watched*> all_;
    std::thread thread_;
};

}  // namespace sluice::sftp
