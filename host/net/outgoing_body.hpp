// What a source gives, as it goes on the wire. Internal to this module; loop's thread only.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "net/body_stream.hpp"

namespace sluice::net {

class outgoing_body : public std::enable_shared_from_this<outgoing_body> {
  public:
    // `chunked`: in chunks; otherwise as it is, and then it must have the length it announced.
    outgoing_body(std::shared_ptr<body_source> source, bool chunked);

    // Everything was given.
    bool ended() const { return ended_; }
    // The next bytes for the wire (maybe none, when ended() then). One at a time; `done` as for
    // body_source::read.
    void next(body_source::piece_function done);

  private:
    base::result<std::string> frame(std::string piece);

    std::shared_ptr<body_source> source_;
    const std::optional<std::uint64_t> length_;
    const bool chunked_;
    std::uint64_t given_ = 0;
    bool ended_ = false;
};

}  // namespace sluice::net
