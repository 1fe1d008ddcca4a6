// Bodies in pieces: how a body passes without ever being whole in memory.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/result.hpp"

namespace sluice::net {

// Gives the bytes of one body, in order. Loop's thread; whoever sends the body owns a reference and
// lets go of it when it needs no more.
class body_source {
  public:
    using piece_function = std::function<void(base::result<std::string>)>;

    virtual ~body_source() = default;
    // Bytes in all; nullopt: not known before the end, the body then goes out in chunks.
    virtual std::optional<std::uint64_t> length() const = 0;
    // The next piece, of whatever size the source likes to hold in memory; an empty one is the end.
    // One read at a time; `done` runs once, later, on the loop's thread, never inline. An error
    // ends the exchange: the receiver sees the connection break.
    virtual void read(piece_function done) = 0;
    // Begins again with the first byte, for a repeated or redirected request. False: it cannot.
    virtual bool rewind() = 0;
};

// Takes the bytes of one body, in order. Loop's thread. When its last reference goes and finish()
// did not run, the body never became whole: the sink then undoes what it did.
class body_sink {
  public:
    using done_function = std::function<void(base::result<void>)>;

    virtual ~body_sink() = default;
    // One write at a time: the connection reads no further until `done` has run (once, later, on
    // the loop's thread, never inline). An error ends the exchange.
    virtual void write(std::string bytes, done_function done) = 0;
    // The body is whole; the exchange goes on after `done` (as above).
    virtual void finish(done_function done) = 0;
};

}  // namespace sluice::net
