// Dropbox's webhook: proof that the address is ours, then word of which accounts have changes.
#include <algorithm>
#include <set>
#include <sluice/webhook_signature.hpp>
#include <string>
#include <utility>

#include "dropbox.hpp"

namespace sluice::dropbox {
namespace {

constexpr std::size_t longest_challenge = 1024;
constexpr std::size_t most_events = 1000;  // of one request, for the host

json text_answer(std::string text) {
    const json headers{{"Content-Type", "text/plain"}, {"X-Content-Type-Options", "nosniff"}};
    return json{{"status", 200}, {"headers", headers}, {"body", std::move(text)}};
}

// Whoever can make us repeat a text could make it a page: it is sent as plain text that no browser
// takes for something else.
json answer_challenge(const json& request) {
    const std::string challenge = request["query"].get_or("challenge", "");
    if (challenge.empty() || challenge.size() > longest_challenge) {
        throw failure(SLUICE_AUTH, "the request is neither a notification nor a challenge");
    }
    return json{{"verified", true}, {"respond", text_answer(challenge)}};
}

void require_signature(const json& input, const json& request, const std::string& body) {
    const std::string signature = request["headers"].get_or("x-dropbox-signature", "");
    if (signature.empty()) throw failure(SLUICE_AUTH, "the request is not signed");
    if (!is_webhook_signed(body, "sha256=" + signature, webhook_secrets(input))) {
        throw failure(SLUICE_AUTH, "the request's signature is wrong");
    }
}

json read_notification(const std::string& body) {
    try {
        return json::parse(body);
    } catch (const json_error& error) {
        throw failure(SLUICE_INVALID_INPUT, std::string("the notification is ") + error.what());
    }
}

// The accounts with changes, each once; of those that the input names, when it names some.
std::set<std::string> changed_accounts(const json& notification, const json& input) {
    std::set<std::string> wanted;
    for (const json& account : input["accounts"].items()) {
        if (account.is_string()) wanted.insert(account.as_string());
    }
    const bool all = input["accounts"].is_null();
    std::set<std::string> changed;
    for (const json& account : notification["list_folder"]["accounts"].items()) {
        if (!account.is_string()) continue;
        if (all || wanted.contains(account.as_string())) changed.insert(account.as_string());
    }
    return changed;
}

}  // namespace

task<json> connector::receive_notification(context&, const json& input) {
    const json& request = required_object(input, "request");
    if (request.get_or("method", "POST") == "GET") co_return answer_challenge(request);
    const std::string body = raw_webhook_body(request);
    require_signature(input, request, body);
    const std::set<std::string> changed = changed_accounts(read_notification(body), input);
    if (changed.size() > most_events) {
        throw failure(SLUICE_INVALID_INPUT,
                      "the notification names more than 1000 accounts: name yours in 'accounts'");
    }
    json::array_type events;
    for (const std::string& account : changed)
        events.push_back(json{{"body", json{{"account", account}}}, {"key", account}});
    co_return json{{"verified", true},
                   {"events", json::array(std::move(events))},
                   {"acknowledge", text_answer("")}};
}

}  // namespace sluice::dropbox
