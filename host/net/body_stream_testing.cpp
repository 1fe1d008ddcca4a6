#include "net/body_stream_testing.hpp"

#include <algorithm>
#include <utility>

namespace sluice::net {

namespace {

// A prime, so that no piece size falls in step with it.
constexpr std::size_t period = 4099;

std::string make_period() {
    std::string text(period, '\0');
    for (std::size_t i = 0; i < period; ++i)
        text[i] = static_cast<char>('a' + (i * 7 + i / 101) % 26);
    return text;
}

}  // namespace

std::string pattern(std::uint64_t offset, std::size_t size) {
    static const std::string once = make_period();
    std::string text;
    text.reserve(size);
    while (text.size() < size) {
        const std::size_t at = (offset + text.size()) % period;
        text.append(once, at, size - text.size());
    }
    return text;
}

std::optional<std::uint64_t> made_source::length() const {
    if (!options_.known_length) return std::nullopt;
    return options_.size;
}

void made_source::read(piece_function done) {
    auto give = [this, done = std::move(done)] {
        if (options_.fails_at && given_ >= *options_.fails_at) {
            return done(base::make_error(base::error_code::unavailable, "the source broke"));
        }
        const std::uint64_t left = options_.size - given_;
        auto piece = pattern(given_, std::min<std::uint64_t>(left, options_.piece));
        given_ += piece.size();
        done(std::move(piece));
    };
    if (options_.pause_ms > 0) {
        loop_.run_after(options_.pause_ms, std::move(give));
    } else {
        loop_.post(std::move(give));
    }
}

bool made_source::rewind() {
    if (given_ > 0 && !options_.can_rewind) return false;
    given_ = 0;
    return true;
}

void checking_sink::write(std::string bytes, done_function done) {
    const std::uint64_t at = record_->bytes;
    if (bytes != pattern(at, bytes.size())) record_->matches = false;
    record_->largest = std::max(record_->largest.load(), bytes.size());
    record_->bytes += bytes.size();
    if (options_.fails_at && record_->bytes >= *options_.fails_at) {
        return loop_.post([done = std::move(done), code = options_.failure] {
            done(base::make_error(code, "the sink broke"));
        });
    }
    answer_when_released(std::move(done));
}

// Not a member's callback: the sink may be gone before.
void checking_sink::answer_when_released(done_function done) {
    if (!record_->hold) return loop_.post([done = std::move(done)] { done({}); });
    struct waiter {
        static void wait(base::event_loop& loop, std::shared_ptr<sink_record> record,
                         done_function done) {
            loop.run_after(1, [&loop, record = std::move(record), done = std::move(done)] {
                if (!record->hold) return done({});
                wait(loop, record, done);
            });
        }
    };
    waiter::wait(loop_, record_, std::move(done));
}

void checking_sink::finish(done_function done) {
    const bool fails = options_.fails_at_end;
    if (!fails) record_->finished = true;
    loop_.post([done = std::move(done), fails, code = options_.failure] {
        if (!fails) return done({});
        done(base::make_error(code, "the sink broke at the end"));
    });
}

}  // namespace sluice::net
