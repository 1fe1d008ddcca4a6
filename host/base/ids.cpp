#include "base/ids.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <span>

#include "base/encoding.hpp"
#include "base/panic.hpp"

namespace sluice::base {

namespace {

constexpr std::int64_t epoch_unix_ms = 1'577'836'800'000;  // 2020-01-01T00:00:00Z
constexpr int counter_bits = 21;
constexpr std::string_view crockford = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr std::size_t digit_count = 13;

// -1 for characters outside the alphabet. Reads what people type: upper case, o for 0, i and l
// for 1.
int crockford_digit(char c) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c == 'o') return 0;
    if (c == 'i' || c == 'l') return 1;
    const std::size_t digit = crockford.find(c);
    return digit == std::string_view::npos ? -1 : static_cast<int>(digit);
}

}  // namespace

id_generator::id_generator(clock& time, random_source& random) : time_(time), random_(random) {}

void id_generator::start_after(std::int64_t id) {
    const std::lock_guard lock(mutex_);
    last_ = std::max(last_, id);
}

std::int64_t id_generator::next() {
    const std::lock_guard lock(mutex_);
    const std::int64_t ms = std::max<std::int64_t>(0, time_.unix_ms() - epoch_unix_ms);
    if (ms >= std::int64_t{1} << 42) panic("the clock is past the year 2159");
    if (ms > last_ >> counter_bits) {
        // Half of the range stays free for counting up within this millisecond.
        const auto start = static_cast<std::int64_t>(random_.below(1u << (counter_bits - 1)));
        last_ = ms << counter_bits | start;
        return last_;
    }
    // The same millisecond, or the clock went back: running ahead of it keeps the order.
    if (last_ == std::numeric_limits<std::int64_t>::max()) panic("all ids are used up");
    return ++last_;
}

std::string execution_id_text(std::int64_t id) {
    if (id < 0) panic("ids are never negative");
    std::string text(1 + digit_count, 'x');
    auto rest = static_cast<std::uint64_t>(id);
    for (std::size_t i = digit_count; i > 0; --i) {
        text[i] = crockford[rest & 31];
        rest >>= 5;
    }
    return text;
}

std::optional<std::int64_t> parse_execution_id(std::string_view text) {
    if (text.size() != 1 + digit_count || (text[0] != 'x' && text[0] != 'X')) return std::nullopt;
    std::uint64_t id = 0;
    for (const char c : text.substr(1)) {
        const int digit = crockford_digit(c);
        if (digit < 0 || id >> 58 != 0) return std::nullopt;
        id = id << 5 | static_cast<std::uint64_t>(digit);
    }
    if (id == 0) return std::nullopt;
    return static_cast<std::int64_t>(id);
}

std::string make_token(random_source& random) {
    std::array<char, 32> bytes{};
    random.fill(std::as_writable_bytes(std::span(bytes)));
    return to_base64url({bytes.data(), bytes.size()});
}

}  // namespace sluice::base
