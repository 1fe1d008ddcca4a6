#include "errors.hpp"

#include <sluice/http_status.hpp>
#include <string>
#include <string_view>
#include <utility>

namespace sluice::github {
namespace {

json body_of(const http_response& response) {
    try {
        return json::parse(response.body);
    } catch (const json_error&) {
        return {};
    }
}

// Secondary limits come without x-ratelimit-remaining: 0, sometimes without retry-after; GitHub
// then asks for at least one minute.
bool is_secondary_limit(const http_response& response, std::string_view message) {
    return response.status == 403 && (message.find("secondary rate limit") != message.npos ||
                                      message.find("abuse detection") != message.npos);
}

// What is longer than any sentence that GitHub writes is left out of a message.
std::string sentence(std::string text) {
    constexpr std::size_t longest = 500;
    return text.size() <= longest ? std::move(text) : std::string();
}

// "title missing_field; url is not a valid URL" out of GitHub's list of errors.
std::string reasons(const json& errors) {
    std::string text;
    for (const json& error : errors.items()) {
        std::string reason = error.is_string() ? error.as_string() : error.get_or("message", "");
        if (reason.empty()) reason = error.get_or("field", "") + " " + error.get_or("code", "");
        if (!text.empty()) text += "; ";
        text += sentence(std::move(reason));
        if (text.size() > 600) break;
    }
    return text;
}

// Something of that kind exists already: the second try of a step that had worked, for example.
bool exists_already(const json& errors) {
    for (const json& error : errors.items()) {
        if (error.get_or("code", "") == "already_exists") return true;
        if (error.get_or("message", "").find("already exists") != std::string::npos) return true;
    }
    return false;
}

std::string explanation(const http_response& response, const json& body) {
    std::string text = sentence(body.get_or("message", ""));
    if (const std::string more = reasons(body["errors"]); !more.empty()) text += ": " + more;
    if (response.status == 401) text += " (is the connection's token right, and not expired?)";
    if (response.status == 404) {
        text += " (GitHub says so, too, when the token may not see the repository)";
    }
    if (response.status >= 300 && response.status < 400) {
        text += " (was the repository renamed or moved? give its present name)";
    }
    return text;
}

}  // namespace

failure refusal(const http_response& response) {
    const json body = body_of(response);
    const json& errors = body["errors"];
    sluice_code code = code_for_status(response);
    std::uint64_t wait_ms = retry_after_ms(response);
    if (response.status >= 300 && response.status < 400) code = SLUICE_NOT_FOUND;
    if (response.status == 422 && exists_already(errors)) code = SLUICE_CONFLICT;
    if (is_secondary_limit(response, body.get_or("message", ""))) code = SLUICE_RATE_LIMITED;
    if (code == SLUICE_RATE_LIMITED && wait_ms == 0) wait_ms = 60'000;

    std::string message = "GitHub answered " + std::to_string(response.status);
    if (const std::string why = explanation(response, body); !why.empty()) message += ": " + why;
    failure result =
        failure(code, std::move(message)).http_status(response.status).retry_after_ms(wait_ms);
    json details = json::object();
    if (!errors.empty()) details.set("errors", errors);
    if (body["documentation_url"].is_string()) {
        details.set("documentation_url", body["documentation_url"]);
    }
    return details.empty() ? result : std::move(result).details(details);
}

}  // namespace sluice::github
