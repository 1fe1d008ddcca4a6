// Takes requests off a byte stream, strictly: anything two HTTP implementations might read
// differently is refused. Internal to this module.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "net/http_server.hpp"
#include "net/http_types.hpp"

namespace sluice::net {

class request_reader {
  public:
    enum class state {
        head,      // more bytes are needed for the head
        has_head,  // the head is there and was not acknowledged yet (continue_with_body)
        body,      // more bytes are needed for the body
        complete,
        failed,  // failure() says why; the stream cannot be used further
    };
    struct refusal {
        int status = 400;
        std::string detail;
    };

    explicit request_reader(const http_server_limits& limits);
    ~request_reader();
    request_reader(const request_reader&) = delete;
    request_reader& operator=(const request_reader&) = delete;

    // Forgets everything and waits for the next request.
    void restart();

    // Looks at `bytes` (what is there and not yet consumed; it must begin where the last call
    // stopped) and returns how many of them are used up.
    std::size_t feed(std::string_view bytes);
    // After has_head: the body may be read, up to `limit` bytes.
    void continue_with_body(std::uint64_t limit);

    state current() const { return state_; }
    const refusal& failure() const { return failure_; }
    // Grows while it is read; move from it when complete.
    http_request& request() { return request_; }

    // All from has_head on.
    bool has_body() const;
    bool keep_alive() const;  // the peer's wish
    bool expects_continue() const;
    bool is_http11() const;
    // Of the body, so far.
    std::uint64_t body_bytes() const { return taken_ + request_.body.size(); }
    // What is there of the body, which then starts to fill anew.
    std::string take_body();

  private:
    struct parser;
    std::size_t feed_head(std::string_view bytes);
    std::size_t feed_body(std::string_view bytes);
    void check_head();
    void fail(int status, std::string detail);

    const http_server_limits& limits_;
    state state_ = state::head;
    refusal failure_;
    http_request request_;
    std::uint64_t taken_ = 0;
    std::size_t searched_ = 0;  // of the head: no end before this offset
    std::unique_ptr<parser> parser_;
};

}  // namespace sluice::net
