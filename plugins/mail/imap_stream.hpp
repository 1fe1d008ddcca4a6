// The bytes of an IMAP connection that libcurl has opened, made safe and logged in to.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "connection.hpp"

namespace sluice::mail {

class imap_stream {
  public:
    // Connects, starts TLS, logs in.
    imap_stream(const account& to, const context& ctx);

    void serve(const context& ctx);
    void rest();

    void send(std::string_view bytes);
    // The next line without its end. Longer ones than 64 KiB are refused.
    std::string read_line();
    // The next `count` bytes, in pieces.
    void read_bytes(std::uint64_t count, const std::function<void(std::string_view)>& piece);

  private:
    void fill();
    void wait(short events);
    // Throws when the call was cancelled.
    void expect_wanted() const;

    connection connection_;
    const context* serving_ = nullptr;
    std::int64_t silent_ms_;  // then the server is gone
    std::string buffer_;
    std::size_t at_ = 0;  // what stands before it in the buffer is read
};

}  // namespace sluice::mail
