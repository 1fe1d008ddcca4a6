#include "plugin/version.hpp"

#include <charconv>
#include <vector>

namespace sluice::plugin {

namespace {

std::optional<std::uint32_t> parse_number(std::string_view text) {
    std::uint32_t number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool leading_zero = text.size() > 1 && text.front() == '0';
    if (failure != std::errc() || end != text.data() + text.size() || leading_zero) return {};
    return number;
}

// Numbers between dots; nothing when one of them is not a number or there are more than three.
std::optional<std::vector<std::uint32_t>> parse_numbers(std::string_view text) {
    std::vector<std::uint32_t> numbers;
    while (numbers.size() < 3) {
        const auto dot = text.find('.');
        const auto number = parse_number(text.substr(0, dot));
        if (!number) return {};
        numbers.push_back(*number);
        if (dot == std::string_view::npos) return numbers;
        text.remove_prefix(dot + 1);
    }
    return {};
}

}  // namespace

std::string version::to_text() const {
    return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
}

std::optional<version> parse_version(std::string_view text) {
    const auto numbers = parse_numbers(text);
    if (!numbers || numbers->size() != 3) return {};
    return version{(*numbers)[0], (*numbers)[1], (*numbers)[2]};
}

}  // namespace sluice::plugin
