#include "trigger/poll_reply.hpp"

#include <algorithm>
#include <utility>

#include "base/encoding.hpp"
#include "json/text.hpp"
#include "trigger/file_handles.hpp"

namespace sluice::trigger {
namespace {

// Of one transaction.
constexpr std::size_t most_items = 10'000;
constexpr std::size_t most_cursor_bytes = 64u << 10;
constexpr std::size_t recent_characters = 16;
constexpr std::int64_t longest_wait_ms = 3'600'000;
constexpr std::int64_t longest_asked_ms = 6 * 3'600'000;

base::result<void> check_items(const json::value& items) {
    const char* const pages = "ask for smaller pages, and say with `more` that there are others";
    if (!items.is_array()) {
        return base::make_error(base::error_code::invalid_input,
                                "what the call gave is no list of items",
                                "say where the list is: items: .issues");
    }
    if (items.size() > most_items) {
        return base::make_error(base::error_code::invalid_input,
                                "the call gave " + std::to_string(items.size()) +
                                    " items at once; at most 10000 are taken",
                                pages);
    }
    if (holds_file(items)) {
        return base::make_error(base::error_code::invalid_input,
                                "there are files among the items, and files of this call end with "
                                "it",
                                "let the call list them, and the flow fetch each");
    }
    return {};
}

}  // namespace

base::result<poll_reply> read_poll_reply(const json::value& output,
                                         std::optional<std::int64_t> batch) {
    poll_reply made;
    made.items = output.get("items");
    made.cursor = output.get("cursor");
    made.more = output.get("more") == json::value(true);
    if (made.items.is_null()) made.items = json::value::array();
    if (base::result<void> fit = check_items(made.items); !fit) {
        return std::move(fit).error_value();
    }
    if (json::to_text(made.cursor).size() > most_cursor_bytes) {
        return base::make_error(base::error_code::invalid_input,
                                "the cursor is larger than 64 KiB");
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
    std::string keys;
    for (const std::string& each : recent)
        keys += each;
    return json::to_text(json::value::object({{"cursor", cursor}, {"recent", keys}}));
}

base::result<poll_position> poll_position::parse(const std::string& text) {
    const base::result<json::value> content = json::parse(text);
    if (!content) return content.error_value();
    poll_position made;
    made.cursor = content->get("cursor");
    const std::string keys = content->string_or("recent", "");
    for (std::size_t at = 0; at + recent_characters <= keys.size(); at += recent_characters)
        made.recent.push_back(keys.substr(at, recent_characters));
    return made;
}

std::string recent_key(const std::string& dedupe_key) {
    return base::to_hex(base::sha256(dedupe_key).substr(0, recent_characters / 2));
}

std::int64_t wait_after_failures(std::int64_t pause_ms, int failures, std::int64_t asked_ms) {
    const std::int64_t growth = std::int64_t{1} << std::min(failures, 12);
    const std::int64_t longest = std::max(pause_ms, longest_wait_ms);
    return std::max(std::min(asked_ms, longest_asked_ms), std::min(longest, pause_ms * growth));
}

}  // namespace sluice::trigger
