// SHA-256 of what comes in pieces.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace sluice::base {

// One thread at a time.
class stream_digest {
  public:
    stream_digest();
    ~stream_digest();
    stream_digest(const stream_digest&) = delete;
    stream_digest& operator=(const stream_digest&) = delete;

    void add(std::string_view piece);
    // 64 hex digits. Once, and nothing is added after it.
    std::string hex();

  private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace sluice::base
