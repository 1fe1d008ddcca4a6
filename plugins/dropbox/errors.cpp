#include "errors.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <sluice/detail/utf8.hpp>
#include <sluice/http_status.hpp>
#include <sluice/text_encoding.hpp>
#include <utility>

namespace sluice::dropbox {
namespace {

json body_of(const http_response& response) {
    try {
        return json::parse(response.body);
    } catch (const json_error&) {
        return {};
    }
}

bool is_one_of(std::string_view tag, std::initializer_list<std::string_view> tags) {
    return std::find(tags.begin(), tags.end(), tag) != tags.end();
}

// By the one tag that decides, wherever the union holds it: "to/conflict/file" and
// "path/conflict/folder" are both conflicts.
sluice_code code_of_tag(std::string_view tag) {
    if (is_one_of(tag, {"not_found", "shared_link_not_found"})) return SLUICE_NOT_FOUND;
    if (is_one_of(tag, {"conflict", "shared_link_already_exists", "locked", "reset",
                        "incorrect_offset", "closed", "not_closed"})) {
        return SLUICE_CONFLICT;
    }
    if (is_one_of(
            tag, {"no_write_permission", "access_denied", "access_restricted", "restricted_content",
                  "banned_member", "email_not_verified", "not_authorized", "no_permission"})) {
        return SLUICE_AUTH;
    }
    if (is_one_of(tag, {"too_many_write_operations", "too_many_requests"})) {
        return SLUICE_RATE_LIMITED;
    }
    // What was damaged on its way can be sent again.
    if (is_one_of(tag, {"internal_error", "content_hash_mismatch"})) return SLUICE_UNAVAILABLE;
    return SLUICE_OK;
}

sluice_code code_of_tags(std::string_view tags) {
    while (!tags.empty()) {
        const std::size_t end = std::min(tags.find('/'), tags.size());
        if (const sluice_code code = code_of_tag(tags.substr(0, end)); code != SLUICE_OK) {
            return code;
        }
        tags.remove_prefix(std::min(end + 1, tags.size()));
    }
    return SLUICE_INVALID_INPUT;
}

// A summary is the tags and then, by chance, some dots: "path/not_found/..".
std::string tags_of(const json& body) {
    std::string tags = body.get_or("error_summary", "");
    while (tags.ends_with('.') || tags.ends_with('/'))
        tags.pop_back();
    return tags;
}

std::string explanation(const http_response& response, const json& body) {
    std::string text = body.get_or("error_summary", "");
    if (text.empty()) text = body.get_or("error", "");
    if (const json& told = body["user_message"]; told.is_object()) {
        text += " (" + told.get_or("text", "") + ")";
    }
    // A request that Dropbox cannot read is refused in plain words.
    const std::string_view type = response.header("Content-Type");
    const bool readable = well_formed_size(response.body) == response.body.size();
    if (text.empty() && type.starts_with("text/plain") && readable) text = response.body;
    return std::string(detail::utf8_prefix(text, 500));
}

// A token that Dropbox takes no more can be renewed; for what it may not do, a new one is no help.
bool another_token_helps(const json& body) {
    const std::string tags = tags_of(body);
    return tags.empty() || tags.starts_with("expired_access_token") ||
           tags.starts_with("invalid_access_token");
}

std::uint64_t wait_of(const http_response& response, const json& body) {
    if (const std::uint64_t wait = retry_after_ms(response); wait != 0) return wait;
    return static_cast<std::uint64_t>(std::clamp<std::int64_t>(
               body["error"].get_or("retry_after", std::int64_t{0}), 0, 86400)) *
           1000;
}

}  // namespace

bool reason::begins(std::string_view prefix) const {
    return std::string_view(tags).starts_with(prefix) &&
           (tags.size() == prefix.size() || tags[prefix.size()] == '/');
}

reason reason_of(const http_response& response) {
    if (response.status != 409) return {};
    const json body = body_of(response);
    return {tags_of(body), body["error"]};
}

failure refusal(const http_response& response) {
    const json body = body_of(response);
    sluice_code code = code_for_status(response);
    if (response.status == 409) code = code_of_tags(tags_of(body));
    if (response.status >= 300 && response.status < 400) code = SLUICE_UNAVAILABLE;
    std::uint64_t wait_ms = wait_of(response, body);
    if (code == SLUICE_RATE_LIMITED && wait_ms == 0) wait_ms = 1000;  // Dropbox's own default

    std::string message = "Dropbox answered " + std::to_string(response.status);
    if (const std::string why = explanation(response, body); !why.empty()) message += ": " + why;
    const bool token_is_refused = response.status == 401 && another_token_helps(body);
    const unsigned told = response.status != 401 || token_is_refused ? response.status : 0;
    json details = json::object();
    for (const char* key : {"error_summary", "error"}) {
        if (const json* found = body.find(key)) details.set(key, *found);
    }
    if (const std::string_view id = response.header("X-Dropbox-Request-Id"); !id.empty()) {
        details.set("requestId", id);
    }
    return failure(code, std::move(message))
        .http_status(told)
        .retry_after_ms(wait_ms)
        .details(details);
}

}  // namespace sluice::dropbox
