#include "manifest/surrogate_pairs.hpp"

#include <charconv>
#include <optional>

#include "expression/unicode.hpp"

namespace sluice::manifest {
namespace {

constexpr std::size_t half_size = 6;  // "\ud83d"

// The code unit that "\uXXXX" at `at` stands for.
std::optional<unsigned> unit_at(std::string_view text, std::size_t at, std::string_view start) {
    if (!text.substr(at).starts_with(start) || text.size() - at < half_size) return std::nullopt;
    unsigned unit = 0;
    const char* const first = text.data() + at + start.size();
    const auto read = std::from_chars(first, first + 4, unit, 16);
    if (read.ptr != first + 4) return std::nullopt;
    return unit;
}

// The character of the pair at `at`; 0: there is none.
char32_t pair_at(std::string_view text, std::size_t at, std::string_view start) {
    const auto high = unit_at(text, at, start);
    if (!high || *high < 0xD800 || *high > 0xDBFF) return 0;
    const auto low = unit_at(text, at + half_size, start);
    if (!low || *low < 0xDC00 || *low > 0xDFFF) return 0;
    return 0x10000 + ((*high - 0xD800) << 10) + (*low - 0xDC00);
}

std::string absent_from(std::string_view text) {
    std::string made;
    // The first ones are letters that people write.
    for (char32_t code = 0x780; made.empty() || text.find(made) != text.npos; --code) {
        made.clear();
        if (code < 0x100) return made;
        expression::append_utf8(made, code);
    }
    return made;
}

}  // namespace

surrogate_pairs::surrogate_pairs(std::string_view text) : text_(text) {
    for (std::size_t at = text.find('\\'); at != text.npos; at = text.find('\\', at)) {
        if (pair_at(text, at, "\\u") == 0) {
            // What stands behind it is escaped, a backslash, too.
            at += 2;
            continue;
        }
        if (stand_in_.empty()) stand_in_ = absent_from(text);
        if (stand_in_.empty()) return;
        text_.replace(at, 2, stand_in_);
        text_.replace(at + half_size, 2, stand_in_);
        at += 2 * half_size;
    }
}

std::string surrogate_pairs::restored(const std::string& scalar, bool in_double_quotes) const {
    if (stand_in_.empty()) return scalar;
    std::string made;
    std::size_t copied = 0;
    for (std::size_t at = scalar.find(stand_in_); at != scalar.npos;
         at = scalar.find(stand_in_, copied)) {
        made.append(scalar, copied, at - copied);
        const char32_t character = in_double_quotes ? pair_at(scalar, at, stand_in_) : 0;
        if (character != 0) {
            expression::append_utf8(made, character);
            copied = at + 2 * half_size;
        } else {
            made += "\\u";
            copied = at + stand_in_.size();
        }
    }
    return made.append(scalar, copied);
}

}  // namespace sluice::manifest
