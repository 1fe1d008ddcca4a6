// Blocking TCP on loopback for tests: says exactly the bytes a test wants said, and listens with a
// deadline, so that a broken peer fails a test instead of hanging it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "net/http_headers.hpp"

namespace sluice::net {

struct raw_reply {
    int status = 0;
    net::headers headers;
    std::string body;
};

class raw_socket {
  public:
    explicit raw_socket(int descriptor) : descriptor_(descriptor) {}
    // Connects to 127.0.0.1. A failure shows as every later call failing.
    static raw_socket connect(std::uint16_t port);
    raw_socket(raw_socket&& other) noexcept;
    raw_socket& operator=(raw_socket&&) = delete;
    ~raw_socket();

    bool is_open() const { return descriptor_ >= 0; }
    // False when the peer does not take it any more.
    bool send(std::string_view bytes);
    void finish_sending();  // half-close
    void close();
    void reset();  // closes with RST

    // One response with its Content-Length body (or none, for `to_head`); nullopt when the
    // connection ends before, or after ten seconds.
    std::optional<raw_reply> read_reply(bool to_head = false);
    // One request with its Content-Length body, as text; "" when the connection ends before.
    std::string read_request();
    // Everything until the peer closes; nullopt when it has not closed after ten seconds.
    std::optional<std::string> read_to_end();
    // True when the peer closes (or resets) without sending anything more.
    bool ends_silently();
    // Reads nothing until this many bytes are there or the connection ends.
    std::string read_bytes(std::size_t count);

  private:
    bool fill();  // more bytes into buffer_; false at the end or after ten seconds
    bool fill_until_head_ends();

    int descriptor_;
    std::string buffer_;
    bool timed_out_ = false;
};

// Accepts on 127.0.0.1 and runs `script` for each connection, one after the other, on a thread of
// its own. The destructor stops accepting and waits for the script in progress.
class raw_server {
  public:
    using script_function = std::function<void(raw_socket&, int connection_number)>;
    explicit raw_server(script_function script);
    ~raw_server();
    raw_server(const raw_server&) = delete;
    raw_server& operator=(const raw_server&) = delete;

    std::uint16_t port() const { return port_; }

  private:
    int listener_ = -1;
    int wake_[2] = {-1, -1};
    std::uint16_t port_ = 0;
    std::thread thread_;
};

// A port on which nobody listens (it was free a moment ago).
std::uint16_t unused_port();

}  // namespace sluice::net
