#include "challenge.hpp"

#include <sluice/webhook_signature.hpp>

#include "proof.hpp"
#include "text.hpp"

namespace sluice::http {

json answer(const std::string& word) {
    const json headers{{"Content-Type", "text/plain; charset=utf-8"},
                       {"X-Content-Type-Options", "nosniff"}};
    return json{{"verified", true},
                {"respond", json{{"status", 200}, {"headers", headers}, {"body", word}}}};
}

bool asks_by_get(const json& input) {
    if (input["challenge"].is_null()) return false;
    const json& challenge = required_object(input, "challenge");
    if (challenge["token"].is_null() && challenge["body"].is_null()) {
        throw failure(SLUICE_INVALID_INPUT,
                      "'challenge' needs 'token' (by GET) or 'body' (by POST)");
    }
    return !challenge["token"].is_null();
}

json answer_to_get(const json& input) {
    const json& challenge = required_object(input, "challenge");
    const json& query = input["request"]["query"];
    const std::string& token = required_string(challenge, "token");
    const std::string given =
        query.get_or(challenge.get_or("tokenParameter", "hub.verify_token"), "");
    if (!is_equal(given, token)) throw failure(SLUICE_AUTH, "the request's token is wrong");
    return answer(query.get_or(challenge.get_or("parameter", "hub.challenge"), ""));
}

std::optional<std::string> word_of_post(const json& input) {
    const json& challenge = input["challenge"];
    if (challenge["body"].is_null()) return std::nullopt;
    const std::string& path = required_string(challenge, "body");
    json body;
    try {
        body = json::parse(raw_webhook_body(input["request"]));
    } catch (const json_error&) {
        return std::nullopt;
    }
    const json& word = at_path(body, path);
    if (!word.is_string()) return std::nullopt;
    for (const auto& [where, what] : challenge["when"].members()) {
        if (at_path(body, where) != what) return std::nullopt;
    }
    return word.as_string();
}

}  // namespace sluice::http
