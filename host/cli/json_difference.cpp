#include "cli/json_difference.hpp"

#include <algorithm>

#include "base/regex.hpp"
#include "cli/output.hpp"
#include "json/text.hpp"

namespace sluice::cli {
namespace {

constexpr std::size_t shown = 200;

std::string text_of(const json::value* content) {
    return content == nullptr ? "nothing" : shortened(json::to_text(*content), shown);
}

std::string line(const std::string& place, const std::string& expected, const json::value* actual) {
    return (place.empty() ? std::string("(whole value)") : place) + ": expected " + expected +
           ", got " + text_of(actual);
}

std::string escaped(const std::string& key) {
    std::string out;
    for (const char c : key)
        out += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
    return out;
}

// The argument of the matcher `name`, when `expected` is one.
const json::value* matcher(const json::value& expected, std::string_view name) {
    return expected.is_object() && expected.size() == 1 ? expected.find(name) : nullptr;
}

void compare(const json::value& expected, const json::value* actual, const std::string& place,
             std::vector<std::string>& out) {
    if (matcher(expected, "$any") != nullptr && actual != nullptr) return;
    if (const json::value* exact = matcher(expected, "$exact")) {
        if (actual == nullptr || !(*exact == *actual)) {
            out.push_back(line(place, "exactly " + text_of(exact), actual));
        }
        return;
    }
    if (const json::value* pattern = matcher(expected, "$regex")) {
        const auto code = base::regex::compile(pattern->is_string() ? pattern->as_string()
                                                                    : json::to_text(*pattern));
        if (!code) {
            out.push_back(place + ": $regex: " + code.error_value().message);
            return;
        }
        const auto found = actual != nullptr && actual->is_string()
                               ? code->search(actual->as_string())
                               : base::result<std::optional<base::regex_match>>(std::nullopt);
        if (!found || !*found) {
            out.push_back(line(place, "text with " + text_of(pattern), actual));
        }
        return;
    }
    if (expected.is_object() && actual != nullptr && actual->is_object()) {
        for (const auto& [name, content] : expected.members())
            compare(content, actual->find(name), place + '/' + escaped(name), out);
        return;
    }
    if (expected.is_array() && actual != nullptr && actual->is_array()) {
        if (expected.size() != actual->size()) {
            out.push_back(line(
                place, std::to_string(expected.size()) + " items " + text_of(&expected), actual));
            return;
        }
        for (std::size_t i = 0; i < expected.size(); ++i)
            compare(expected.at(i), &actual->at(i), place + '/' + std::to_string(i), out);
        return;
    }
    if (actual == nullptr || !(expected == *actual)) {
        out.push_back(line(place, text_of(&expected), actual));
    }
}

}  // namespace

std::vector<std::string> differences(const json::value& expected, const json::value& actual,
                                     const std::string& place) {
    std::vector<std::string> out;
    compare(expected, &actual, place, out);
    return out;
}

}  // namespace sluice::cli
