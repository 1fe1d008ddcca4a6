#include "trigger/poll_reply.hpp"

#include <algorithm>
#include <utility>

#include "json/text.hpp"

namespace sluice::trigger {
namespace {

constexpr std::size_t most_items = 10'000;  // of one transaction
constexpr std::int64_t longest_wait_ms = 3'600'000;

}  // namespace

base::result<poll_reply> read_poll_reply(const json::value& output,
                                         std::optional<std::int64_t> batch) {
    poll_reply made;
    made.items = output.get("items");
    made.cursor = output.get("cursor");
    made.more = output.get("more") == json::value(true);
    if (made.items.is_null()) made.items = json::value::array();
    if (!made.items.is_array()) {
        return base::make_error(base::error_code::invalid_input,
                                "what the call gave is no list of items",
                                "say where the list is: items: .issues");
    }
    if (made.items.size() > most_items) {
        return base::make_error(base::error_code::invalid_input,
                                "the call gave " + std::to_string(made.items.size()) +
                                    " items at once; at most 10000 are taken",
                                "ask for pages, and say with `more` that there are others");
    }
    if (!batch) {
        for (const json::value& item : made.items.items())
            made.payloads.push_back(item);
        return made;
    }
    std::vector<json::value> part;
    for (const json::value& item : made.items.items()) {
        part.push_back(item);
        if (part.size() < static_cast<std::size_t>(*batch)) continue;
        made.payloads.push_back(json::value::array(std::move(part)));
        part.clear();
    }
    if (!part.empty()) made.payloads.push_back(json::value::array(std::move(part)));
    return made;
}

std::string poll_position::to_text() const {
    return json::to_text(json::value::object({{"cursor", cursor}}));
}

base::result<poll_position> poll_position::parse(const std::string& text) {
    const base::result<json::value> content = json::parse(text);
    if (!content) return content.error_value();
    return poll_position{content->get("cursor")};
}

std::int64_t wait_after_failures(std::int64_t pause_ms, int failures, std::int64_t asked_ms) {
    const std::int64_t growth = std::int64_t{1} << std::min(failures, 12);
    const std::int64_t longest = std::max(pause_ms, longest_wait_ms);
    return std::max(asked_ms, std::min(longest, pause_ms * growth));
}

}  // namespace sluice::trigger
