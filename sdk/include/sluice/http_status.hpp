// What a response's status means to the host: which failure, and when a retry makes sense.
#pragma once

#include <charconv>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sluice/detail/utf8.hpp"
#include "sluice/failure.hpp"
#include "sluice/http.hpp"
#include "sluice/http_date.hpp"

namespace sluice {
inline namespace sdk {
namespace detail {

inline std::optional<std::int64_t> whole_number(std::string_view text) noexcept {
    std::int64_t number = 0;
    const char* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, number);
    if (text.empty() || read.ec != std::errc() || number < 0) return std::nullopt;
    // Some servers send a fraction of a second; it does not matter.
    if (read.ptr != end && *read.ptr != '.') return std::nullopt;
    return number;
}

// The server's own idea of now, so that its absolute times are right even when clocks differ.
inline std::int64_t server_now(const http_response& response) {
    if (const auto date = parse_http_date(response.header("Date"))) return *date;
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::seconds>(now).count();
}

inline bool says_rate_limited(const http_response& response) noexcept {
    if (response.status == 429) return true;
    return response.status == 403 && (!response.header("Retry-After").empty() ||
                                      response.header("X-RateLimit-Remaining") == "0");
}

// The sentence in which most APIs explain a refusal.
inline std::string explanation(const http_response& response) {
    json body;
    try {
        body = json::parse(response.body);
    } catch (const json_error&) {
        return {};
    }
    const json& error = body["error"];
    for (const json* candidate : {&body["message"], &error["message"], &body["error_description"],
                                  &error, &body["title"], &body[0]["message"]}) {
        if (candidate->is_string() && !candidate->empty()) {
            return std::string(utf8_prefix(candidate->as_string(), 300));
        }
    }
    return {};
}

}  // namespace detail

// How long the server asks to wait: Retry-After (seconds or a date), otherwise the time at which
// the rate limit starts anew (X-RateLimit-Reset in Unix seconds, RateLimit-Reset in seconds).
// 0: it does not say.
inline std::uint64_t retry_after_ms(const http_response& response) {
    const std::string_view after = response.header("Retry-After");
    std::int64_t seconds = 0;
    if (const auto wait = detail::whole_number(after)) {
        seconds = *wait;
    } else if (const auto date = parse_http_date(after)) {
        seconds = *date - detail::server_now(response);
    } else if (const auto reset = detail::whole_number(response.header("X-RateLimit-Reset"));
               reset && detail::says_rate_limited(response)) {
        // Numbers that are no plausible time are seconds to wait, as some APIs send.
        constexpr std::int64_t year_2001 = 1'000'000'000;
        seconds = *reset > year_2001 ? *reset - detail::server_now(response) : *reset;
    } else if (const auto delta = detail::whole_number(response.header("RateLimit-Reset"));
               delta && detail::says_rate_limited(response)) {
        seconds = *delta;
    } else {
        return 0;
    }
    constexpr std::int64_t longest = 30 * 86400;
    return static_cast<std::uint64_t>(std::clamp<std::int64_t>(seconds, 1, longest)) * 1000;
}

inline sluice_code code_for_status(const http_response& response) noexcept {
    if (detail::says_rate_limited(response)) return SLUICE_RATE_LIMITED;
    switch (response.status) {
        case 401:
        case 403:
        case 407:
            return SLUICE_AUTH;
        case 404:
        case 410:
            return SLUICE_NOT_FOUND;
        case 409:
        case 412:
            return SLUICE_CONFLICT;
        case 408:
        case 504:
            return SLUICE_TIMEOUT;
        case 405:
        case 501:
            return SLUICE_UNSUPPORTED;
        case 425:
            return SLUICE_UNAVAILABLE;
        default:
            return response.status >= 500 ? SLUICE_UNAVAILABLE : SLUICE_INVALID_INPUT;
    }
}

// The failure for a response that is not what the action hoped for; `who` is the third party's
// name.
inline failure failure_from(const http_response& response, std::string_view who) {
    std::string message = std::string(who) + " answered " + std::to_string(response.status);
    if (const std::string why = detail::explanation(response); !why.empty()) message += ": " + why;
    return failure(code_for_status(response), std::move(message))
        .http_status(response.status)
        .retry_after_ms(retry_after_ms(response));
}

// Throws that failure unless the status is 2xx.
inline void require_ok(const http_response& response, std::string_view who) {
    if (!response.ok()) throw failure_from(response, who);
}

}  // namespace sdk
}  // namespace sluice
