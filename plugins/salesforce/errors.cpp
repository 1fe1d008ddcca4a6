#include "errors.hpp"

#include <algorithm>
#include <sluice/detail/utf8.hpp>
#include <sluice/http_status.hpp>
#include <string>
#include <utility>

namespace sluice::salesforce {
namespace {

constexpr std::size_t most_errors = 10;
constexpr std::size_t longest_sentence = 500;
constexpr unsigned unauthorized = 401;

struct known_error {
    std::string_view name;
    sluice_code code;
};

constexpr known_error known_errors[] = {
    {"INVALID_SESSION_ID", SLUICE_AUTH},
    {"INVALID_AUTH_HEADER", SLUICE_AUTH},
    {"INSUFFICIENT_ACCESS", SLUICE_AUTH},
    {"INSUFFICIENT_ACCESS_OR_READONLY", SLUICE_AUTH},
    {"INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", SLUICE_AUTH},
    {"API_DISABLED_FOR_ORG", SLUICE_AUTH},
    {"API_CURRENTLY_DISABLED", SLUICE_AUTH},
    {"REQUEST_LIMIT_EXCEEDED", SLUICE_RATE_LIMITED},
    {"STORAGE_LIMIT_EXCEEDED", SLUICE_RATE_LIMITED},
    {"UNABLE_TO_LOCK_ROW", SLUICE_UNAVAILABLE},
    {"SERVER_UNAVAILABLE", SLUICE_UNAVAILABLE},
    {"UNKNOWN_EXCEPTION", SLUICE_UNAVAILABLE},
    {"QUERY_TIMEOUT", SLUICE_TIMEOUT},
    {"DUPLICATE_VALUE", SLUICE_CONFLICT},
    {"DUPLICATES_DETECTED", SLUICE_CONFLICT},
    {"DUPLICATE_EXTERNAL_ID", SLUICE_CONFLICT},
    {"DUPLICATE_DEVELOPER_NAME", SLUICE_CONFLICT},
    {"ENTITY_IS_LOCKED", SLUICE_CONFLICT},
    {"NOT_FOUND", SLUICE_NOT_FOUND},
    {"ENTITY_IS_DELETED", SLUICE_NOT_FOUND},
    {"MALFORMED_ID", SLUICE_INVALID_INPUT},
    {"MALFORMED_QUERY", SLUICE_INVALID_INPUT},
    {"INVALID_FIELD", SLUICE_INVALID_INPUT},
    {"INVALID_TYPE", SLUICE_INVALID_INPUT},
    {"INVALID_QUERY_LOCATOR", SLUICE_INVALID_INPUT},
    {"JSON_PARSER_ERROR", SLUICE_INVALID_INPUT},
};

std::string sentence(const json& text) {
    if (!text.is_string()) return {};
    return std::string(sdk::detail::utf8_prefix(text.as_string(), longest_sentence));
}

// Salesforce's list of errors; a single one (Bulk API, OAuth) becomes a list, too.
json errors_in(std::string_view body) {
    json found;
    try {
        found = json::parse(body);
    } catch (const json_error&) {
        return json::array();
    }
    if (found.is_object()) found = json::array({std::move(found)});
    json errors = json::array();
    for (const json& one : found.items()) {
        if (errors.size() == most_errors) break;
        if (one["errorCode"].is_string() || one["message"].is_string()) errors.push(one);
    }
    return errors;
}

// Salesforce never says how long. Its limit for a day is a sliding window, the one for requests at
// the same time ends with the next slow request.
std::uint64_t usual_wait_ms(std::string_view error_code, std::string_view message) {
    constexpr std::uint64_t second = 1000;
    constexpr std::uint64_t minute = 60 * second;
    if (error_code != "REQUEST_LIMIT_EXCEEDED") return 15 * minute;
    if (message.find("Concurrent") != message.npos) return 10 * second;
    if (message.find("TotalRequests") != message.npos) return 15 * minute;
    return minute;
}

std::string advice(unsigned status, std::string_view error_code) {
    if (status == 300) {
        return " (several records have that external id; Salesforce needs a unique one)";
    }
    if (status == 414 || status == 431) {
        return " (the query is too long for an address; bulkQuery takes longer ones)";
    }
    if (error_code == "INVALID_QUERY_LOCATOR") {
        return " (a cursor is good for two days at most; begin the query again)";
    }
    return {};
}

}  // namespace

sluice_code meaning_of(std::string_view error_code, sluice_code otherwise) {
    for (const known_error& one : known_errors) {
        if (one.name == error_code) return one.code;
    }
    return otherwise;
}

bool is_worth_repeating(std::string_view error_code) {
    switch (meaning_of(error_code, SLUICE_INVALID_INPUT)) {
        case SLUICE_UNAVAILABLE:
        case SLUICE_TIMEOUT:
        case SLUICE_RATE_LIMITED:
            return true;
        default:
            return false;
    }
}

std::vector<bool> worth_repeating(const std::vector<std::string>& error_codes) {
    const auto was_undone = [](std::string_view code) {
        return code == "ALL_OR_NONE_OPERATION_ROLLED_BACK" || code == "PROCESSING_HALTED";
    };
    const bool all_are =
        std::all_of(error_codes.begin(), error_codes.end(), [&](const std::string& code) {
            return code.empty() || was_undone(code) || is_worth_repeating(code);
        });
    std::vector<bool> out;
    for (const std::string& code : error_codes)
        out.push_back(was_undone(code) ? all_are : is_worth_repeating(code));
    return out;
}

failure refusal(const http_response& response) { return refusal(response, response.body); }

failure refusal(const http_response& response, std::string_view body) {
    const json errors = errors_in(body);
    const std::string error_code = errors[0].get_or("errorCode", "");
    const std::string reason = sentence(errors[0]["message"]);
    unsigned status = response.status;
    sluice_code code = code_for_status(response);
    if (status == 300) code = SLUICE_CONFLICT;
    code = meaning_of(error_code, code);
    // The host fetches another token for a 401 alone.
    if (error_code == "INVALID_SESSION_ID") status = unauthorized;
    std::uint64_t wait_ms = retry_after_ms(response);
    if (code == SLUICE_RATE_LIMITED && wait_ms == 0) wait_ms = usual_wait_ms(error_code, reason);

    std::string message = "Salesforce answered " + std::to_string(response.status);
    if (!error_code.empty()) message += " " + sentence(errors[0]["errorCode"]);
    if (!reason.empty()) message += ": " + reason;
    message += advice(response.status, error_code);
    failure result = failure(code, std::move(message)).http_status(status).retry_after_ms(wait_ms);
    return errors.empty() ? result : std::move(result).details(json{{"errors", errors}});
}

bool is_refusal(const failure& why, std::string_view error_code) {
    if (why.details_json().empty()) return false;
    const json details = json::parse(why.details_json());
    return details["errors"][0].get_or("errorCode", "") == error_code;
}

}  // namespace sluice::salesforce
