// Functions about text.
#include <algorithm>
#include <array>
#include <cmath>

#include "expression/builtins.hpp"
#include "expression/paths.hpp"
#include "expression/split.hpp"
#include "expression/unicode.hpp"

namespace sluice::expression {
namespace {

using arguments = std::span<json::value>;

template <class Change>
bool change_text(meter& used, json::value& in, json::value& out, Change&& change) {
    if (!in.is_string()) return used.fail("explode input must be a string");
    if (!used.charge(in.size())) return false;
    std::string text = in.as_string();
    change(text);
    out = std::move(text);
    return true;
}

bool ascii_downcase(meter& used, arguments in, json::value& out) {
    return change_text(used, in[0], out, [](std::string& text) {
        for (char& c : text)
            c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    });
}

bool ascii_upcase(meter& used, arguments in, json::value& out) {
    return change_text(used, in[0], out, [](std::string& text) {
        for (char& c : text)
            c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    });
}

bool startswith(meter& used, arguments in, json::value& out) {
    if (!in[0].is_string() || !in[1].is_string()) {
        return used.fail("startswith() requires string inputs");
    }
    out = in[0].as_string().starts_with(in[1].as_string());
    return true;
}

bool endswith(meter& used, arguments in, json::value& out) {
    if (!in[0].is_string() || !in[1].is_string()) {
        return used.fail("endswith() requires string inputs");
    }
    out = in[0].as_string().ends_with(in[1].as_string());
    return true;
}

// Anything but text stays as it is, as in jq 1.7.
bool ltrimstr(meter& used, arguments in, json::value& out) {
    const bool cut =
        in[0].is_string() && in[1].is_string() && in[0].as_string().starts_with(in[1].as_string());
    if (!cut) {
        out = std::move(in[0]);
        return true;
    }
    out = in[0].as_string().substr(in[1].size());
    return used.charge(out.size());
}

bool rtrimstr(meter& used, arguments in, json::value& out) {
    const bool cut =
        in[0].is_string() && in[1].is_string() && in[0].as_string().ends_with(in[1].as_string());
    if (!cut) {
        out = std::move(in[0]);
        return true;
    }
    out = in[0].as_string().substr(0, in[0].size() - in[1].size());
    return used.charge(out.size());
}

bool trim_ends(meter& used, arguments in, bool left, bool right, json::value& out) {
    if (!in[0].is_string()) return used.fail(describe(in[0]) + " cannot be trimmed");
    constexpr std::string_view blanks = " \t\n\r\f\v";
    std::string_view text = in[0].as_string();
    if (left) text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
    if (right) text = text.substr(0, text.find_last_not_of(blanks) + 1);
    out = text;
    return used.charge(out.size());
}

bool trim(meter& used, arguments in, json::value& out) {
    return trim_ends(used, in, true, true, out);
}
bool ltrim(meter& used, arguments in, json::value& out) {
    return trim_ends(used, in, true, false, out);
}
bool rtrim(meter& used, arguments in, json::value& out) {
    return trim_ends(used, in, false, true, out);
}

bool split(meter& used, arguments in, json::value& out) {
    if (!in[0].is_string() || !in[1].is_string()) {
        return used.fail("split input and separator must be strings");
    }
    return split_text(used, in[0].as_string(), in[1].as_string(), out);
}

bool explode(meter& used, arguments in, json::value& out) {
    if (!in[0].is_string()) return used.fail("explode input must be a string");
    const std::string& text = in[0].as_string();
    if (!used.charge(text.size() * sizeof(json::value))) return false;
    std::vector<json::value> codes;
    for (std::size_t at = 0; at < text.size();) {
        codes.emplace_back(static_cast<std::int64_t>(next_code_point(text, at)));
    }
    out = json::value::array(std::move(codes));
    return true;
}

bool implode(meter& used, arguments in, json::value& out) {
    if (!in[0].is_array()) return used.fail("implode input must be an array");
    std::string text;
    for (const json::value& code : in[0].items()) {
        const double number = code.is_number() ? code.as_double() : std::nan("");
        if (std::isnan(number)) {
            return used.fail(describe(code) +
                             " can't be imploded, unicode codepoint needs to be numeric");
        }
        append_utf8(text, number >= 0 && number <= 0x10ffff ? static_cast<char32_t>(number)
                                                            : char32_t{0xfffd});
    }
    if (!used.charge(text.size())) return false;
    out = std::move(text);
    return true;
}

// Positions count code points, so that they fit slices.
bool text_positions(meter& used, const std::string& text, const std::string& part,
                    json::value& out) {
    std::vector<json::value> found;
    if (!used.charge(text.size())) return false;
    std::size_t byte = 0;
    std::size_t code_point = 0;
    while (!part.empty() && byte < text.size()) {
        if (!used.step()) return false;
        if (text.compare(byte, part.size(), part) == 0) {
            found.emplace_back(static_cast<std::int64_t>(code_point));
        }
        next_code_point(text, byte);
        ++code_point;
    }
    out = json::value::array(std::move(found));
    return true;
}

bool indices(meter& used, arguments in, json::value& out) {
    if (in[0].is_null()) {
        out = nullptr;
        return true;
    }
    if (in[0].is_string() && in[1].is_string()) {
        return text_positions(used, in[0].as_string(), in[1].as_string(), out);
    }
    if (!in[0].is_array()) {
        return get_key(used, in[0], in[1], out);
    }
    if (!used.work(in[0])) return false;
    out = array_positions(in[0], in[1].is_array() ? in[1] : json::value::array({in[1]}));
    return true;
}

bool utf8bytelength(meter& used, arguments in, json::value& out) {
    if (!in[0].is_string()) {
        return used.fail(describe(in[0]) + " only strings have UTF-8 byte length");
    }
    out = static_cast<std::int64_t>(in[0].size());
    return true;
}

constexpr std::array table = {
    builtin{"ascii_downcase", 0, ascii_downcase, nullptr},
    builtin{"ascii_upcase", 0, ascii_upcase, nullptr},
    builtin{"startswith", 1, startswith, nullptr},
    builtin{"endswith", 1, endswith, nullptr},
    builtin{"ltrimstr", 1, ltrimstr, nullptr},
    builtin{"rtrimstr", 1, rtrimstr, nullptr},
    builtin{"trim", 0, trim, nullptr},
    builtin{"ltrim", 0, ltrim, nullptr},
    builtin{"rtrim", 0, rtrim, nullptr},
    builtin{"split", 1, split, nullptr},
    builtin{"explode", 0, explode, nullptr},
    builtin{"implode", 0, implode, nullptr},
    builtin{"indices", 1, indices, nullptr},
    builtin{"utf8bytelength", 0, utf8bytelength, nullptr},
};

}  // namespace

std::span<const builtin> text_builtins() { return table; }

}  // namespace sluice::expression
