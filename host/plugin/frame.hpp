// What the host and sluice-runner say to each other: frames on a stream of bytes.
//
// A frame is a head of 24 bytes (size of the body, kind, call, operation; little endian) and a body
// of fields in the order that frame.cpp of each kind's writer and reader name. Frames of different
// calls mix freely; nobody waits for a frame of another kind, but for the few questions of
// `ask`, which the host answers at once on whichever thread received them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "plugin/abi_error.hpp"
#include "sluice/abi.h"

namespace sluice::plugin {

enum class frame_kind : std::uint32_t {
    // From the host.
    open = 1,  // services (bits of frame_service)
    start,     // call: action, attempt, input, connection, idempotency key, deadline,
               // instance, whether it is a verifier
    cancel,    // call
    answer,    // call, operation: error, then what the service answers
    reply,     // operation: to `ask`
    ping,      // operation: to be repeated
    close,
    // From the runner.
    hardened = 32,  // what hardens the process (hardening_report.hpp); before it loads the library
    opened,         // error
    begun,          // call: the connector is entered now
    complete,       // call: output
    fail,           // call: error
    threw,          // call: what an exception that left the connector said
    log,            // call or 0: level, message, fields
    request,        // call, operation: service, then what is asked of it
    give_up,        // call, operation: a request that is not wanted any more
    ask,            // call, operation: question, then what it is about
    seal,           // operation: blob
    release,        // operation: blob
    pong,           // operation
    closed,
};

// What a `request` is for; also the bits of `open`.
enum class frame_service : std::uint32_t {
    http = 1,
    timer = 2,
    state_get = 4,
    state_set = 8,
    state_compare = 16,
    state_remove = 32,
    blob_read = 64,
    blob_write = 128,
};

enum class frame_question : std::uint32_t { create_blob = 1, find_blob = 2 };

struct frame {
    frame_kind kind = frame_kind::ping;
    std::uint64_t call = 0;
    std::uint64_t operation = 0;
    std::string body;
};

// Input and output are at most 16 MiB of JSON each, bodies of HTTP 16 MiB; beside them a connection
// and headers. Blobs go in pieces.
inline constexpr std::size_t frame_body_limit = 64u << 20;
inline constexpr std::size_t frame_head_size = 24;
inline constexpr std::size_t blob_piece = 1u << 20;  // bytes of a blob in one frame

std::string to_bytes(const frame& one);

// Cuts a stream of bytes into frames.
class frame_splitter {
  public:
    // Calls `take` for each frame that is whole now. An error (too large, unknown kind): the stream
    // is of no use any more.
    base::result<void> feed(std::string_view bytes, const std::function<void(frame)>& take);

  private:
    std::string rest_;
};

// Writes the fields of a body.
class frame_writer {
  public:
    frame_writer& number(std::uint64_t value);
    frame_writer& text(std::string_view value);
    frame_writer& text(sluice_str value);
    frame_writer& failure(const sluice_error* error);  // null: none
    std::string take() { return std::move(body_); }

  private:
    std::string body_;
};

// Reads them; what is missing reads as 0 and empty, and ok() tells. Views live as long as the body.
class frame_reader {
  public:
    explicit frame_reader(std::string_view body) : rest_(body) {}
    std::uint64_t number();
    std::string_view text();
    // Nothing when it was null. Views as above.
    std::optional<sluice_error> failure();
    bool ok() const { return ok_; }
    // All fields were there, and nothing is left.
    bool finished() const { return ok_ && rest_.empty(); }

  private:
    std::string_view rest_;
    bool ok_ = true;
};

}  // namespace sluice::plugin
