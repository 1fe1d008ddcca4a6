#include "expression/place.hpp"

#include <algorithm>

#include "expression/unicode.hpp"

namespace sluice::expression {
namespace {

std::size_t line_start(std::string_view text, std::size_t offset) {
    const std::size_t before = offset == 0 ? std::string_view::npos : text.rfind('\n', offset - 1);
    return before == std::string_view::npos ? 0 : before + 1;
}

}  // namespace

text_place find_place(std::string_view text, std::size_t offset) {
    offset = std::min(offset, text.size());
    const std::size_t start = line_start(text, offset);
    const auto lines =
        std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(start), '\n');
    return {static_cast<int>(lines) + 1,
            static_cast<int>(count_code_points(text.substr(start, offset - start))) + 1};
}

std::string show_place(std::string_view text, std::size_t offset) {
    offset = std::min(offset, text.size());
    constexpr std::size_t around = 60;
    const std::size_t start = line_start(text, offset);
    const std::size_t end = std::min(text.find('\n', start), text.size());
    const std::size_t before = count_code_points(text.substr(start, offset - start));
    const std::size_t from =
        before > around ? start + offset_of_code_point(text.substr(start), before - around) : start;
    const std::size_t length = offset_of_code_point(text.substr(from, end - from), 2 * around);
    return "  " + std::string(text.substr(from, length)) + "\n" +
           std::string(2 + count_code_points(text.substr(from, offset - from)), ' ') + "^";
}

}  // namespace sluice::expression
