// Sources and sinks whose behaviour a test chooses. Loop's thread, except where atomics say.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/event_loop.hpp"
#include "net/body_stream.hpp"

namespace sluice::net {

// Every made-up body from `offset` on: a lost, doubled or swapped piece shows.
std::string pattern(std::uint64_t offset, std::size_t size);

struct made_source_options {
    std::uint64_t size = 0;
    std::size_t piece = 64u << 10;
    bool known_length = true;
    bool can_rewind = true;
    std::optional<std::uint64_t> fails_at = std::nullopt;
    std::int64_t pause_ms = 0;  // before each piece
};

// A made-up body.
class made_source final : public body_source {
  public:
    made_source(base::event_loop& loop, made_source_options options)
        : loop_(loop), options_(options) {}

    std::optional<std::uint64_t> length() const override;
    void read(piece_function done) override;
    bool rewind() override;
    std::uint64_t given() const { return given_; }  // any thread

  private:
    base::event_loop& loop_;
    const made_source_options options_;
    std::atomic<std::uint64_t> given_ = 0;
};

// What became of a checking_sink; any thread.
struct sink_record {
    std::atomic<std::uint64_t> bytes = 0;
    std::atomic<std::size_t> largest = 0;
    std::atomic<bool> matches = true;  // the pattern
    std::atomic<bool> finished = false;
    std::atomic<bool> gone = false;
    std::atomic<bool> hold = false;  // writes wait until release()
};

struct checking_sink_options {
    std::optional<std::uint64_t> fails_at = std::nullopt;
    base::error_code failure = base::error_code::unavailable;
    bool fails_at_end = false;
};

// Compares what it is given with the pattern.
class checking_sink final : public body_sink {
  public:
    checking_sink(base::event_loop& loop, std::shared_ptr<sink_record> record,
                  checking_sink_options options = {})
        : loop_(loop), record_(std::move(record)), options_(options) {}
    ~checking_sink() override { record_->gone = true; }

    void write(std::string bytes, done_function done) override;
    void finish(done_function done) override;

  private:
    void answer_when_released(done_function done);

    base::event_loop& loop_;
    std::shared_ptr<sink_record> record_;
    checking_sink_options options_;
};

}  // namespace sluice::net
