#include <sluice/webhook_signature.hpp>

#include "api.hpp"
#include "your_app.hpp"

namespace your_app {

using sluice::failure;
using sluice::required_array;
using sluice::required_object;
using sluice::required_string;

task<json> connector::create_webhook(context& ctx, const json& input) {
    const api app(ctx);
    json webhook{{"url", required_string(input, "url")},
                 {"events", required_array(input, "events")}};
    if (!input["secret"].is_null()) webhook.set("secret", required_string(input, "secret"));
    task<json> created = app.write("POST", app.at("webhooks"), webhook);
    const json made = co_await created;
    id_of(made);
    co_return made;
}

// The app gives all of them at once: there is one page.
task<json> connector::list_webhooks(context& ctx, const json&) {
    const api app(ctx);
    task<json> found = app.get(app.at("webhooks"));
    const json answer = co_await found;
    co_return json{{"items", listed(answer, "webhooks")}, {"cursor", json()}, {"more", false}};
}

task<json> connector::delete_webhook(context& ctx, const json& input) {
    const api app(ctx);
    const sluice::url webhook = app.at("webhooks").segment(required_string(input, "id"));
    task<json> deleted = app.write("DELETE", webhook, json());
    co_await deleted;
    co_return json{{"deleted", true}};
}

// Called by the host for each incoming webhook, before anything is stored.
task<json> connector::verify_signature(context&, const json& input) {
    const json& request = required_object(input, "request");
    const json& headers = request["headers"];
    const std::string signature = headers.get_or("x-yourapp-signature", "");
    if (signature.empty()) throw failure(SLUICE_AUTH, "the request is not signed");
    if (!sluice::is_webhook_signed(sluice::raw_webhook_body(request), signature,
                                   sluice::webhook_secrets(input))) {
        throw failure(SLUICE_AUTH, "the request's signature is wrong");
    }
    co_return json{{"verified", true},
                   {"event", headers["x-yourapp-event"]},
                   {"delivery", headers["x-yourapp-delivery"]}};
}

}  // namespace your_app
