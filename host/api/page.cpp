#include "api/page.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/encoding.hpp"
#include "net/url.hpp"

namespace sluice::api {
namespace {

constexpr int usual_limit = 50;
constexpr int most = 1000;

}  // namespace

base::result<query_parameters> read_query(std::string_view query,
                                          std::initializer_list<std::string_view> known) {
    query_parameters out;
    for (auto& [name, content] : net::parse_query(query)) {
        if (name.empty() && content.empty()) continue;
        if (!base::is_valid_utf8(name) || !base::is_valid_utf8(content)) {
            return base::make_error(base::error_code::invalid_input, "the query is not UTF-8");
        }
        if (std::find(known.begin(), known.end(), name) == known.end()) {
            return base::make_error(base::error_code::invalid_input,
                                    "there is no query parameter \"" + name + "\" here");
        }
        if (!out.emplace(name, std::move(content)).second) {
            return base::make_error(base::error_code::invalid_input,
                                    "the query parameter \"" + name + "\" is given twice");
        }
    }
    return out;
}

base::result<int> read_limit(const query_parameters& from) {
    const std::string text = parameter(from, "limit");
    if (text.empty()) return usual_limit;
    int out = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (problem == std::errc() && end == text.data() + text.size() && out >= 1 && out <= most) {
        return out;
    }
    return base::make_error(base::error_code::invalid_input, "limit is a number from 1 to 1000");
}

std::string parameter(const query_parameters& from, std::string_view name) {
    const auto found = from.find(name);
    return found == from.end() ? std::string() : found->second;
}

json::value page_of(json::value items, const std::string& next) {
    return json::value::object(
        {{"items", std::move(items)}, {"next", next.empty() ? json::value() : json::value(next)}});
}

}  // namespace sluice::api
