#include "expression/split.hpp"

#include "expression/unicode.hpp"

namespace sluice::expression {

bool split_text(meter& used, const std::string& text, const std::string& separator,
                json::value& out) {
    std::vector<json::value> parts;
    const auto keep = [&](std::size_t from, std::size_t to) {
        parts.emplace_back(std::string_view(text).substr(from, to - from));
        return used.charge(to - from + sizeof(json::value));
    };
    std::size_t from = 0;
    while (separator.empty() && from < text.size()) {
        std::size_t to = from;
        next_code_point(text, to);
        if (!keep(from, to)) return false;
        from = to;
    }
    while (!separator.empty() && !text.empty()) {
        const std::size_t to = text.find(separator, from);
        if (!keep(from, std::min(to, text.size()))) return false;
        if (to == std::string::npos) break;
        from = to + separator.size();
    }
    out = json::value::array(std::move(parts));
    return true;
}

}  // namespace sluice::expression
