// What one evaluation has used and how it failed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "expression/expression.hpp"
#include "expression/pattern_cache.hpp"
#include "json/value.hpp"

namespace sluice::expression {

// One evaluation on one thread. Functions return false after recording a failure, so that callers
// write `return meter.fail(..)`.
class meter {
  public:
    explicit meter(const budget& limits);

    bool step() {
        ++steps_;
        return steps_ < next_check_ || check_limits();
    }
    // Before work that a step does not stand for.
    bool spend(std::int64_t steps) {
        steps_ += steps;
        return steps_ < next_check_ || check_limits();
    }
    // Before something of about this size is made.
    bool charge(std::size_t bytes) {
        bytes_ += static_cast<std::int64_t>(bytes);
        return bytes_ <= limits_.bytes || out_of("bytes");
    }
    // Before the whole of `content` is written out.
    bool charge_whole(const json::value& content);
    // Before the whole of `content` is looked at, `times` times: costs steps.
    bool work(const json::value& content, std::size_t times = 1);
    // Makes a result fit to leave, if it can be: within the bytes, not nested deeper than JSON text
    // may be read back, and without numbers that JSON does not have.
    bool check_result(json::value& content);
    // Nested evaluations; pair each enter() that gave true with a leave().
    bool enter();
    void leave() { --depth_; }

    bool fail(std::string message, std::string hint = {});
    bool fail_with(json::value error);  // error(value)
    bool failed_for_good() const { return fatal_; }

    // The failure as `catch` sees it; forgets it.
    json::value take_failure();
    base::error to_error() const;

    void debug(const json::value& content) const {
        if (limits_.debug) limits_.debug(content);
    }
    pattern_cache& patterns() { return patterns_; }

    // Milliseconds since 1970, or nothing without a clock.
    base::clock* clock() const { return limits_.clock; }

  private:
    bool check_limits();
    bool out_of(std::string_view limit);

    budget limits_;
    std::int64_t steps_ = 0;
    std::int64_t next_check_;  // in steps: asking the clock each time would cost too much
    std::int64_t bytes_ = 0;
    int depth_ = 0;
    std::optional<std::int64_t> deadline_ns_;
    const char* stack_start_;
    bool fatal_ = false;
    pattern_cache patterns_;
    json::value failure_;
    std::string hint_;
};

// `content` as text, cut to `limit` bytes like jq does in its messages.
std::string shortened(const json::value& content, std::size_t limit = 14);
// "null", "boolean", "number", "string", "array", "object"
std::string_view type_name(const json::value& content);
// `string ("abc")`
std::string describe(const json::value& content);

}  // namespace sluice::expression
