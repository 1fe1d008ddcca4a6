#include "expression/meter.hpp"

#include "json/text.hpp"

namespace sluice::expression {
namespace {

// Part of a thread's stack that an evaluation may use; threads have 8 MiB, sometimes 1 MiB less the
// caller's part is not worth supporting.
constexpr std::ptrdiff_t stack_limit = 4 << 20;

// NOLINTNEXTLINE: the address is compared, never read
const char* stack_position() { return static_cast<const char*>(__builtin_frame_address(0)); }

}  // namespace

meter::meter(const budget& limits) : limits_(limits), stack_start_(stack_position()) {
    if (limits_.time_ms > 0 && limits_.clock != nullptr) {
        deadline_ns_ = limits_.clock->steady_ns() + limits_.time_ms * 1'000'000;
    }
}

bool meter::enter() {
    if (depth_ >= limits_.depth || stack_start_ - stack_position() > stack_limit) {
        return out_of("depth");
    }
    ++depth_;
    return true;
}

bool meter::check_limits() {
    if (deadline_ns_ != 0 && limits_.clock->steady_ns() >= deadline_ns_) return out_of("time");
    return steps_ <= limits_.steps || out_of_steps();
}

bool meter::out_of_steps() { return out_of("steps"); }

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
    if (content.is_array() || content.is_object() || content.is_string()) {
        text = content.size() > 100'000 ? "..." : json::to_text(content);
    } else {
        text = json::to_text(content);
    }
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
