#include <sluice/webhook_signature.hpp>

#include "api.hpp"
#include "github.hpp"
#include "pages.hpp"

namespace sluice::github {
task<json> connector::create_webhook(context& ctx, const json& input) {
    const api github(ctx, tokens_);
    const json config{{"url", required_string(input, "url")},
                      {"content_type", "json"},
                      {"insecure_ssl", "0"},
                      {"secret", required_string(input, "secret")}};
    const json body{{"name", "web"},
                    {"active", input.get_or("active", true)},
                    {"events", required_array(input, "events")},
                    {"config", config}};
    task<json> sent = github.send("POST", github.hooks(input), body);
    co_return co_await sent;
}

task<json> connector::list_webhooks(context& ctx, const json& input) {
    const api github(ctx, tokens_);
    task<json> collected = collect(pages(github, github.hooks(input), input), "webhooks");
    co_return co_await collected;
}

task<json> connector::delete_webhook(context& ctx, const json& input) {
    const api github(ctx, tokens_);
    const url hook = github.hooks(input).segment(id_text(input, "id"));
    task<bool> removed = github.remove(hook);
    const bool deleted = co_await removed;
    co_return json{{"deleted", deleted}};
}

task<json> connector::verify_signature(context&, const json& input) {
    const json& request = required_object(input, "request");
    const json& headers = request["headers"];
    const std::string signature = headers.get_or("x-hub-signature-256", "");
    if (signature.empty() && headers.contains("x-hub-signature")) {
        throw failure(SLUICE_AUTH,
                      "the request is signed with SHA-1 alone, which is not safe any more");
    }
    if (signature.empty()) throw failure(SLUICE_AUTH, "the request is not signed");
    if (!is_webhook_signed(raw_webhook_body(request), signature, webhook_secrets(input))) {
        throw failure(SLUICE_AUTH, "the request's signature is wrong");
    }
    co_return json{{"verified", true},
                   {"event", headers["x-github-event"]},
                   {"delivery", headers["x-github-delivery"]}};
}

}  // namespace sluice::github
