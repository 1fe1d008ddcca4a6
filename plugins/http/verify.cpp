#include <algorithm>
#include <chrono>
#include <sluice/encoding.hpp>
#include <sluice/webhook_signature.hpp>
#include <string>
#include <vector>

#include "challenge.hpp"
#include "headers.hpp"
#include "http.hpp"
#include "proof.hpp"
#include "verified.hpp"

namespace sluice::http {
namespace {

constexpr std::int64_t usual_tolerance_s = 300;

[[noreturn]] void refuse(const char* why) { throw failure(SLUICE_AUTH, why); }

// Some senders show what they know only when they are asked for it (RFC 9110, 11.6.1).
[[noreturn]] void ask_for(const std::string& scheme, const char* why) {
    const json challenge(scheme + " realm=\"webhook\"");
    throw failure(SLUICE_AUTH, why).details(json{{"challenge", challenge}});
}

// The header that the input names with `key`; empty: the request has none.
std::string header_of(const json& input, std::string_view key, const char* usual) {
    return input["request"]["headers"].get_or(lower_ascii(input.get_or(key, usual)), "");
}

std::int64_t tolerance_of(const json& input) {
    if (input["toleranceSeconds"].is_null()) return usual_tolerance_s;
    const std::int64_t seconds = required_int(input, "toleranceSeconds");
    if (seconds < 1) throw failure(SLUICE_INVALID_INPUT, "'toleranceSeconds' must be 1 or more");
    return seconds;
}

// "{timestamp}.{body}" with what stands for its names.
std::string filled_in(std::string_view pattern, std::string_view timestamp, std::string_view id,
                      std::string_view body) {
    std::string made;
    while (!pattern.empty()) {
        const auto take = [&](std::string_view name, std::string_view content) {
            if (!pattern.starts_with(name)) return false;
            made += content;
            pattern.remove_prefix(name.size());
            return true;
        };
        if (take("{timestamp}", timestamp) || take("{id}", id) || take("{body}", body)) continue;
        made.push_back(pattern.front());
        pattern.remove_prefix(1);
    }
    return made;
}

// Whether the host's clock says about the same as the sender's did.
void check_recent(const context& ctx, const json& input, const std::string& timestamp) {
    const auto now = std::chrono::floor<std::chrono::seconds>(ctx.now()).time_since_epoch().count();
    if (!is_recent(timestamp, now, tolerance_of(input))) refuse("the request is not of now");
}

void check_plain(const context& ctx, const json& input, const std::vector<std::string>& secrets) {
    const std::string pattern = input.get_or("signed", "{body}");
    if (pattern.find("{body}") == pattern.npos) {
        throw failure(SLUICE_INVALID_INPUT, "'signed' needs {body}: else any body would do");
    }
    std::string timestamp;
    if (!input["timestampHeader"].is_null()) {
        if (pattern.find("{timestamp}") == pattern.npos) {
            throw failure(SLUICE_INVALID_INPUT,
                          "'signed' needs {timestamp}: one that is not signed proves nothing");
        }
        timestamp = header_of(input, "timestampHeader", "");
        check_recent(ctx, input, timestamp);
    }
    const std::string prefix = input.get_or("prefix", "");
    std::string given = header_of(input, "header", "x-signature");
    if (given.empty()) refuse("the request is not signed");
    if (!given.starts_with(prefix)) refuse("the request's signature has another form");
    const std::string algorithm = input.get_or("algorithm", "");
    const auto signature = decoded(input.get_or("encoding", ""), given.substr(prefix.size()));
    const std::string content = filled_in(pattern, timestamp, header_of(input, "idHeader", ""),
                                          raw_webhook_body(input["request"]));
    bool matches = false;
    for (const std::string& secret : secrets)
        matches |= is_equal(hmac(algorithm, secret, content), signature.value_or(""));
    if (!matches) refuse("the request's signature is wrong");
}

// https://www.standardwebhooks.com: several signatures "v1,<base64>", secrets "whsec_<base64>".
void check_standard(const context& ctx, const json& input,
                    const std::vector<std::string>& secrets) {
    const json& headers = input["request"]["headers"];
    const std::string family = lower_ascii(input.get_or("headerPrefix", "webhook"));
    const std::string id = headers.get_or(family + "-id", "");
    const std::string timestamp = headers.get_or(family + "-timestamp", "");
    const std::string given = headers.get_or(family + "-signature", "");
    if (id.empty() || timestamp.empty() || given.empty()) refuse("the request is not signed");
    check_recent(ctx, input, timestamp);
    const std::string content = id + "." + timestamp + "." + raw_webhook_body(input["request"]);
    bool matches = false;
    for (const std::string& secret : secrets) {
        std::string key = secret;
        if (secret.starts_with("whsec_")) {
            const auto bytes = decoded("base64", secret.substr(6));
            if (!bytes || bytes->empty()) {
                throw failure(SLUICE_INVALID_INPUT, "behind 'whsec_' a secret must be base64");
            }
            key = *bytes;
        }
        const std::string expected = hmac("sha256", key, content);
        std::string_view rest = given;
        while (!rest.empty()) {
            const std::string_view one = rest.substr(0, rest.find(' '));
            rest.remove_prefix(std::min(one.size() + 1, rest.size()));
            if (!one.starts_with("v1,")) continue;
            matches |= is_equal(expected, decoded("base64", one.substr(3)).value_or(""));
        }
    }
    if (!matches) refuse("the request's signature is wrong");
}

// https://docs.stripe.com/webhooks: "t=<time>,v1=<hex>,v1=<hex>" over "<time>.<body>"; the secret
// as it is written. Other versions than v1 prove nothing.
void check_stripe(const context& ctx, const json& input, const std::vector<std::string>& secrets) {
    const std::string given = header_of(input, "header", "stripe-signature");
    std::string timestamp;
    std::vector<std::string> signatures;
    std::string_view rest = given;
    while (!rest.empty()) {
        const std::string_view one = rest.substr(0, rest.find(','));
        rest.remove_prefix(std::min(one.size() + 1, rest.size()));
        if (one.starts_with("t=")) timestamp = one.substr(2);
        if (!one.starts_with("v1=")) continue;
        signatures.push_back(decoded("hex", one.substr(3)).value_or(""));
    }
    if (timestamp.empty() || signatures.empty()) refuse("the request is not signed");
    check_recent(ctx, input, timestamp);
    const std::string content = timestamp + "." + raw_webhook_body(input["request"]);
    bool matches = false;
    for (const std::string& secret : secrets) {
        const std::string expected = hmac("sha256", secret, content);
        for (const std::string& each : signatures)
            matches |= is_equal(expected, each);
    }
    if (!matches) refuse("the request's signature is wrong");
}

void check_signature(const context& ctx, const json& input,
                     const std::vector<std::string>& secrets) {
    const std::string scheme = input.get_or("scheme", "plain");
    if (scheme == "plain") {
        check_plain(ctx, input, secrets);
    } else if (scheme == "standardWebhooks") {
        check_standard(ctx, input, secrets);
    } else if (scheme == "stripe") {
        check_stripe(ctx, input, secrets);
    } else {
        throw failure(SLUICE_INVALID_INPUT, "'scheme' must be plain, standardWebhooks or stripe");
    }
}

std::vector<std::string> texts_of(const json& input, const char* one, const char* several) {
    std::vector<std::string> found;
    if (!input[one].is_null()) found.push_back(required_string(input, one));
    for (const json& each : input[several].items()) {
        if (each.is_string() && !each.empty()) found.push_back(each.as_string());
    }
    if (found.empty()) {
        throw failure(SLUICE_INVALID_INPUT, "the input needs '" + std::string(one) + "', or '" +
                                                several + "', not empty");
    }
    return found;
}

// What stands behind the scheme's name; schemes are compared without case.
std::string proof_behind(const std::string& header, const std::string& scheme) {
    if (scheme.empty()) return header;
    const bool fits = header.size() > scheme.size() && header[scheme.size()] == ' ' &&
                      same_name(header.substr(0, scheme.size()), scheme);
    if (!fits) return {};
    const std::size_t begin = header.find_first_not_of(' ', scheme.size());
    return header.substr(std::min(begin, header.size()));
}

}  // namespace

task<json> connector::verify_hmac(context& ctx, const json& input) {
    const json& request = required_object(input, "request");
    const std::vector<std::string> secrets = webhook_secrets(input);
    const bool by_get = request["method"] == json("GET");
    const bool may_ask = asks_by_get(input);
    if (by_get && may_ask) co_return answer_to_get(input);
    check_signature(ctx, input, secrets);
    if (const auto word = word_of_post(input); word && !by_get) co_return answer(*word);
    co_return verified(input);
}

task<json> connector::verify_bearer(context&, const json& input) {
    required_object(input, "request");
    const std::vector<std::string> tokens = texts_of(input, "token", "tokens");
    const std::string scheme = input.get_or("scheme", "Bearer");
    const std::string given = proof_behind(header_of(input, "header", "authorization"), scheme);
    bool matches = false;
    for (const std::string& token : tokens)
        matches |= is_equal(token, given);
    if (!matches) {
        const char* const why = "the request's token is wrong, or it has none";
        // A challenge speaks of Authorization alone, and it has a scheme.
        const bool usual = same_name(input.get_or("header", "authorization"), "authorization");
        if (usual && !scheme.empty()) ask_for(scheme, why);
        refuse(why);
    }
    co_return verified(input);
}

task<json> connector::verify_basic(context&, const json& input) {
    required_object(input, "request");
    const std::string& user = required_string(input, "username");
    const std::string& password = required_string(input, "password");
    const std::string proof = proof_behind(header_of(input, "header", "authorization"), "Basic");
    const std::string pair = decoded("base64", proof).value_or("");
    if (!is_equal(pair, user + ":" + password)) {
        ask_for("Basic", "the request's user or password is wrong, or it has none");
    }
    co_return verified(input);
}

}  // namespace sluice::http
