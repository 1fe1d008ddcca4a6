#include "expression/meter.hpp"

#include <algorithm>

#include "expression/extent.hpp"
#include "json/text.hpp"

namespace sluice::expression {
namespace {

// Part of a thread's stack that an evaluation may use; threads have 8 MiB, sometimes 1 MiB less the
// caller's part is not worth supporting.
constexpr std::ptrdiff_t stack_limit = 4 << 20;

// NOLINTNEXTLINE: the address is compared, never read
const char* stack_position() { return static_cast<const char*>(__builtin_frame_address(0)); }

// Deeper values are neither written nor compared: both need stack for each level.
constexpr std::size_t deepest = 4'000;

// Compact text of `content` until it is longer than `limit`.
void append_start(std::string& out, const json::value& content, std::size_t limit, int depth) {
    if (out.size() > limit || depth > 20) return;
    if (content.is_array()) {
        out += '[';
        bool first = true;
        for (const json::value& item : content.items()) {
            if (out.size() > limit) return;
            if (!std::exchange(first, false)) out += ',';
            append_start(out, item, limit, depth + 1);
        }
        out += ']';
    } else if (content.is_object()) {
        out += '{';
        bool first = true;
        for (const json::member& each : content.members()) {
            if (out.size() > limit) return;
            if (!std::exchange(first, false)) out += ',';
            append_start(out, json::value(each.first), limit, depth + 1);
            out += ':';
            append_start(out, each.second, limit, depth + 1);
        }
        out += '}';
    } else if (content.is_string() && content.size() > limit) {
        std::size_t end = limit;
        const std::string& text = content.as_string();
        while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80)
            --end;
        json::append_text(out, json::value(std::string_view(text).substr(0, end)));
    } else {
        json::append_text(out, content);
    }
}

constexpr std::int64_t steps_between_checks = 1024;

}  // namespace

meter::meter(const budget& limits)
    : limits_(limits),
      next_check_(std::min(steps_between_checks, limits.steps + 1)),
      stack_start_(stack_position()) {}

bool meter::enter() {
    if (depth_ >= limits_.depth || stack_start_ - stack_position() > stack_limit) {
        return out_of("depth");
    }
    ++depth_;
    return true;
}

bool meter::check_limits() {
    if (steps_ > limits_.steps) return out_of("steps");
    if (limits_.time_ms > 0 && limits_.clock != nullptr) {
        // From the first check on: most expressions end before it and never ask.
        const std::int64_t now = limits_.clock->computed_ns();
        if (!deadline_ns_) deadline_ns_ = now + limits_.time_ms * 1'000'000;
        if (now >= *deadline_ns_) return out_of("time");
    }
    next_check_ = std::min(steps_ + steps_between_checks, limits_.steps + 1);
    return true;
}

bool meter::charge_whole(const json::value& content) {
    if (!content.is_array() && !content.is_object()) {
        return charge(sizeof(json::value) + content.size());
    }
    const auto left = static_cast<std::size_t>(std::max<std::int64_t>(0, limits_.bytes - bytes_));
    const extent size = measure(content, left, deepest);
    if (!size.complete) return out_of(size.depth > deepest ? "depth" : "bytes");
    return charge(size.bytes);
}

bool meter::work(const json::value& content, std::size_t times) {
    constexpr std::int64_t bytes_per_step = 256;
    if (content.is_number() || content.size() == 0) return true;
    const std::int64_t left = std::max<std::int64_t>(0, limits_.steps - steps_);
    const extent size =
        measure(content, static_cast<std::size_t>(left * bytes_per_step) / times, deepest);
    if (!size.complete) return out_of(size.depth > deepest ? "depth" : "steps");
    steps_ += static_cast<std::int64_t>(size.bytes * times) / bytes_per_step;
    return steps_ < next_check_ || check_limits();
}

bool meter::check_result(json::value& content) {
    if (!content.is_array() && !content.is_object()) {
        if (content.is_number()) content = made_finite(content);
        return true;
    }
    if (bytes_ == 0) return true;
    const std::size_t readable = json::parse_limits().depth;
    const extent size = measure(content, static_cast<std::size_t>(limits_.bytes), readable);
    if (size.complete) {
        if (!size.finite) content = made_finite(content);
        return true;
    }
    if (size.depth <= readable) return out_of("bytes");
    return fail("the result nests deeper than " + std::to_string(readable) + " levels");
}

bool meter::out_of(std::string_view limit) {
    if (!fatal_) {
        fail("the expression used up its budget of " + std::string(limit),
             "it may never end; work on less data at once, or move the work into a connector");
        fatal_ = true;
    }
    return false;
}

bool meter::fail(std::string message, std::string hint) {
    if (fatal_) return false;
    failure_ = std::move(message);
    hint_ = std::move(hint);
    return false;
}

bool meter::fail_with(json::value error) {
    if (fatal_) return false;
    failure_ = std::move(error);
    hint_.clear();
    return false;
}

json::value meter::take_failure() {
    hint_.clear();
    return std::exchange(failure_, {});
}

base::error meter::to_error() const {
    base::error made = base::make_error(base::error_code::invalid_input, "", hint_);
    if (failure_.is_string()) {
        made.message = failure_.as_string();
    } else {
        made.message = "the expression raised " + shortened(failure_, 200);
        made.details_json = json::to_text(json::value::object({{"error", failure_}}));
    }
    return made;
}

std::string shortened(const json::value& content, std::size_t limit) {
    std::string text;
    append_start(text, content, limit, 0);
    if (text.size() <= limit) return text;
    std::size_t end = limit > 3 ? limit - 3 : 0;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80)
        --end;
    text.resize(end);
    return text + "...";
}

std::string_view type_name(const json::value& content) {
    switch (content.kind()) {
        case json::kind::null:
            return "null";
        case json::kind::boolean:
            return "boolean";
        case json::kind::number:
            return "number";
        case json::kind::string:
            return "string";
        case json::kind::array:
            return "array";
        case json::kind::object:
            return "object";
    }
    return "value";
}

std::string describe(const json::value& content) {
    return std::string(type_name(content)) + " (" + shortened(content) + ")";
}

}  // namespace sluice::expression
