#include "engine/callback_message.hpp"

#include <string>
#include <utility>

#include "base/encoding.hpp"
#include "json/text.hpp"

namespace sluice::engine {
namespace {

constexpr std::string_view encoded_prefix = "whsec_";
// Nobody reads the answer; a receiver that sends a page along has received the result all the same.
constexpr std::size_t largest_answer = 4u << 20;

base::result<std::string> key_of(const json::value& secret) {
    const std::string text = secret.is_string() ? secret.as_string() : std::string();
    std::optional<std::string> key = text;
    if (text.starts_with(encoded_prefix)) {
        key = base::from_base64(std::string_view(text).substr(encoded_prefix.size()));
    }
    if (key && !key->empty()) return std::move(*key);
    return base::make_error(base::error_code::unsupported,
                            key ? "the secret that signs has no value"
                                : "the secret that signs is not base64 behind whsec_",
                            "give the instance's config a value for it");
}

}  // namespace

base::result<net::client_request> make_callback(const json::value& url, const json::value& body,
                                                const std::string& id,
                                                const std::optional<json::value>& secret,
                                                std::int64_t now_ms) {
    if (!url.is_string()) {
        return base::make_error(base::error_code::invalid_input,
                                "the address to deliver to is no text",
                                "let `url` give an http or https address");
    }
    net::client_request out;
    out.method = "POST";
    out.url = url.as_string();
    out.body = json::to_text(body);
    out.follow_redirects = false;
    out.max_response_bytes = largest_answer;
    const std::string timestamp = std::to_string(now_ms / 1000);
    out.headers.set("Content-Type", "application/json");
    out.headers.set("webhook-id", id);
    out.headers.set("webhook-timestamp", timestamp);
    if (!secret) return out;
    const base::result<std::string> key = key_of(*secret);
    if (!key) return key.error_value();
    std::string content = id;
    content.append(1, '.').append(timestamp).append(1, '.').append(out.body);
    out.headers.set("webhook-signature", "v1," + base::to_base64(base::hmac_sha256(*key, content)));
    return out;
}

}  // namespace sluice::engine
