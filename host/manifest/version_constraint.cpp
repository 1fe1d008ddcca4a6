#include <array>
#include <charconv>

#include "manifest/integration.hpp"

namespace sluice::manifest {
namespace {

using numbers = std::array<std::int64_t, 3>;

// "1", "1.2" or "1.2.3"; `count` is how many numbers were written, 0 when it is no version.
int parse_numbers(std::string_view text, numbers& out) {
    int count = 0;
    out = {0, 0, 0};
    while (count < 3) {
        const char* const end = text.data() + text.size();
        auto& number = out[static_cast<std::size_t>(count)];
        const auto read = std::from_chars(text.data(), end, number);
        if (read.ec != std::errc() || number < 0) return 0;
        ++count;
        text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
        if (text.empty()) return count;
        if (text.front() != '.') return 0;
        text.remove_prefix(1);
    }
    return 0;
}

}  // namespace

base::result<version_constraint> version_constraint::parse(std::string_view text) {
    version_constraint made;
    made.text_ = text;
    if (text == "*") return made;
    const std::string_view sign = text.starts_with(">=") ? ">="
                                  : text.starts_with("^") || text.starts_with("~")
                                      ? text.substr(0, 1)
                                      : "";
    numbers low{};
    const int count = parse_numbers(text.substr(sign.size()), low);
    if (count == 0 || (sign.empty() && count < 3)) {
        return base::make_error(base::error_code::invalid_input,
                                "\"" + std::string(text) + "\" is not a version constraint",
                                "write ^1.2, ~1.2.3, >=1.2, 1.2.3 or *");
    }
    numbers high = low;
    if (sign == "^") {
        // The first number that is not zero may not grow.
        const int fixed = low[0] > 0 || count == 1 ? 0 : low[1] > 0 || count == 2 ? 1 : 2;
        high = {0, 0, 0};
        for (std::size_t i = 0; i <= static_cast<std::size_t>(fixed); ++i)
            high[i] = low[i];
        ++high[static_cast<std::size_t>(fixed)];
    } else if (sign == "~") {
        high = count == 1 ? numbers{low[0] + 1, 0, 0} : numbers{low[0], low[1] + 1, 0};
    } else if (sign == ">=") {
        high = {INT64_MAX, 0, 0};
    } else {
        ++high[2];
    }
    made.low_ = low;
    made.high_ = high;
    return made;
}

bool version_constraint::accepts(std::string_view version) const {
    numbers given{};
    return parse_numbers(version, given) == 3 && given >= low_ && given < high_;
}

}  // namespace sluice::manifest
