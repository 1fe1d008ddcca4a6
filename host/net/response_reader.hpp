// Takes one response off a byte stream. Internal to this module.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.hpp"
#include "net/http_client.hpp"

namespace sluice::net {

class response_reader {
  public:
    enum class state {
        reading,
        has_head,  // of the final response; not yet acknowledged (continue_with_body)
        complete,
        failed,
    };

    struct limits {
        std::size_t header_bytes;
        std::size_t header_fields;
    };

    // `to_head`: the request was HEAD, so whatever its fields say, no body follows.
    response_reader(const limits& allowed, bool to_head);
    ~response_reader();
    response_reader(const response_reader&) = delete;
    response_reader& operator=(const response_reader&) = delete;

    // Looks at `bytes` (what is there and not yet consumed; it must begin where the last call
    // stopped) and returns how many of them are used up. Interim responses (1xx) are passed over.
    std::size_t feed(std::string_view bytes);
    // After has_head: the body may be read, up to `limit` bytes.
    void continue_with_body(std::uint64_t limit);
    // What is there of the body, which then starts to fill anew.
    std::string take_body() { return std::exchange(response_.body, {}); }
    // The peer has ended the stream.
    void feed_end();

    state current() const { return state_; }
    const base::error& failure() const { return failure_; }  // message without the peer's name
    client_response& response() { return response_; }
    bool keep_alive() const;  // of the complete response

  private:
    struct parser;
    void step(std::string_view bytes, std::size_t& used, bool& stuck);
    void fail_too_large();
    void fail(base::error_code code, std::string message, std::string hint = {});

    const limits limits_;
    const bool to_head_;
    state state_ = state::reading;
    base::error failure_;
    client_response response_;
    unsigned interim_ = 0;
    bool head_given_ = false;
    std::uint64_t body_limit_ = 0;
    std::unique_ptr<parser> parser_;
};

}  // namespace sluice::net
