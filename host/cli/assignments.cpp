#include "cli/assignments.hpp"

#include <cstddef>
#include <utility>

#include "base/file.hpp"
#include "json/text.hpp"

namespace sluice::cli {
namespace {

constexpr std::size_t largest_value = 1u << 20;

base::result<json::value> value_of(const std::string& given) {
    std::string text = given;
    if (given.starts_with('@')) {
        base::result<std::string> content = base::read_file(given.substr(1), largest_value);
        if (!content) return std::move(content).error_value();
        text = std::move(*content);
        if (text.ends_with('\n')) text.pop_back();
        if (text.ends_with('\r')) text.pop_back();
    }
    base::result<json::value> parsed = json::parse(text);
    return parsed ? std::move(*parsed) : json::value(std::move(text));
}

}  // namespace

base::result<json::value> read_assignments(const std::vector<std::string>& texts) {
    json::value out = json::value::object();
    for (const std::string& one : texts) {
        const std::size_t mark = one.find('=');
        if (mark == std::string::npos || mark == 0) {
            return base::make_error(base::error_code::invalid_input,
                                    "\"" + one + "\" is not NAME=VALUE or NAME=@FILE");
        }
        base::result<json::value> content = value_of(one.substr(mark + 1));
        if (!content) return std::move(content).error_value();
        out.set(one.substr(0, mark), std::move(*content));
    }
    return out;
}

}  // namespace sluice::cli
