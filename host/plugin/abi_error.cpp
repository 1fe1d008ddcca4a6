#include "plugin/abi_error.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>

#include "base/encoding.hpp"
#include "json/text.hpp"
#include "plugin/live_call.hpp"

namespace sluice::plugin {

namespace {

constexpr std::size_t message_limit = 16u << 10;

std::uint32_t to_u32(std::int64_t value) {
    if (value <= 0) return 0;
    constexpr std::int64_t most = std::numeric_limits<std::uint32_t>::max();
    return static_cast<std::uint32_t>(value < most ? value : most);
}

// Cut between two characters; bytes that are none become question marks, because what a connector
// says in another encoding still says something. Empty when nothing of it can be read.
std::string readable(std::string_view message) {
    std::string text;
    bool says_something = false;
    while (!message.empty()) {
        const std::size_t valid = base::valid_utf8_length(message);
        const std::size_t room = message_limit - text.size();
        says_something = says_something || valid != 0;
        text += message.substr(0, std::min(valid, room));
        if (valid >= room) break;
        message.remove_prefix(valid);
        if (message.empty()) break;
        text += '?';
        message.remove_prefix(1);
    }
    if (!says_something) return {};
    text.resize(base::valid_utf8_length(text));
    return text;
}

}  // namespace

sluice_error to_abi_error(const base::error& source) {
    sluice_error out = {};
    out.size = sizeof(sluice_error);
    out.code = static_cast<sluice_code>(source.code);
    out.retry_after_ms = to_u32(source.retry_after_ms);
    out.message = to_abi(source.message);
    out.details_json = to_abi(source.details_json);
    return out;
}

received_error from_abi_error(const sluice_error* given, std::string_view connector) {
    received_error out;
    if (given != nullptr && SLUICE_HAS(given, code) && given->code <= SLUICE_INTERNAL &&
        given->code != SLUICE_OK) {
        out.failure.code = static_cast<base::error_code>(given->code);
    }
    if (given != nullptr && SLUICE_HAS(given, http_status)) {
        out.failure.retry_after_ms = given->retry_after_ms;
        out.http_status = static_cast<int>(given->http_status & 0xffff);
    }
    if (given != nullptr && SLUICE_HAS(given, message)) {
        out.failure.message = readable(to_view(given->message));
    }
    if (given != nullptr && SLUICE_HAS(given, details_json)) {
        const auto details = to_view(given->details_json);
        const auto parsed = json::parse(details);
        if (parsed && parsed->is_object()) out.failure.details_json = details;
    }
    if (out.failure.message.empty()) {
        out.failure.message = std::string(connector) + " failed without saying why";
    }
    return out;
}

}  // namespace sluice::plugin
