#include "net/response_text.hpp"

#include <array>
#include <charconv>
#include <cstdio>
#include <ctime>

#include "base/log.hpp"

namespace sluice::net {

namespace {

bool is_servers_own(std::string_view name) {
    constexpr auto own = std::to_array<std::string_view>(
        {"Content-Length", "Connection", "Date", "Transfer-Encoding", "Keep-Alive"});
    for (const auto field : own) {
        if (equal_without_case(field, name)) return true;
    }
    return false;
}

void append_number(std::string& out, std::uint64_t number) {
    std::array<char, 24> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    out.append(digits.data(), end);
}

bool may_have_body(int status) { return status >= 200 && status != 204 && status != 304; }

}  // namespace

bool sends_body(const http_response& response, const response_frame& frame) {
    return !frame.without_body && may_have_body(response.status) &&
           (response.source || !response.body.empty());
}

bool sends_chunks(const http_response& response, const response_frame& frame) {
    return response.source && !response.source->length() && frame.http11;
}

void append_response_head(std::string& out, const http_response& response,
                          const response_frame& frame) {
    out += "HTTP/1.1 ";
    append_number(out, static_cast<std::size_t>(response.status));
    out += ' ';
    out += reason_phrase(response.status);
    out += "\r\nDate: ";
    out += frame.date;
    out += "\r\n";
    for (const auto field : response.headers) {
        if (is_servers_own(field.name)) continue;
        if (!is_valid_field(field.name, field.value)) {
            base::log(base::log_level::warning, "a response field was left out: not valid",
                      {{"field", is_token(field.name) ? std::string(field.name) : "?"}});
            continue;
        }
        out.append(field.name).append(": ").append(field.value).append("\r\n");
    }
    const auto length =
        response.source ? response.source->length() : std::optional(response.body.size());
    if (may_have_body(response.status) && length) {
        out += "Content-Length: ";
        append_number(out, *length);
        out += "\r\n";
    } else if (may_have_body(response.status) && sends_chunks(response, frame)) {
        out += "Transfer-Encoding: chunked\r\n";
    }
    if (frame.close) out += "Connection: close\r\n";
    out += "\r\n";
}

std::string http_date(std::int64_t unix_ms) {
    constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto seconds = static_cast<std::time_t>(unix_ms / 1000);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    std::array<char, 64> text{};
    // Not strftime: its names follow the locale.
    std::snprintf(text.data(), text.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                  days[static_cast<std::size_t>(parts.tm_wday)], parts.tm_mday,
                  months[static_cast<std::size_t>(parts.tm_mon)], parts.tm_year + 1900,
                  parts.tm_hour, parts.tm_min, parts.tm_sec);
    return text.data();
}

}  // namespace sluice::net
