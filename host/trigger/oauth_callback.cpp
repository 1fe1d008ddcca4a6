#include "trigger/oauth_callback.hpp"

#include <utility>

#include "base/html.hpp"
#include "instance/owner_id.hpp"
#include "net/url.hpp"
#include "trigger/reply.hpp"

namespace sluice::trigger {
namespace {

constexpr std::size_t most_under_way = 64;

net::http_response page(int status, std::string_view title, std::string_view sentence) {
    net::http_response out;
    out.status = status;
    out.headers.set("Content-Type", "text/html; charset=utf-8");
    // The address has a code in it: it goes nowhere, and nothing is loaded.
    out.headers.set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    out.headers.set("Referrer-Policy", "no-referrer");
    out.headers.set("X-Content-Type-Options", "nosniff");
    out.headers.set("Cache-Control", "no-store");
    out.body = "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>" +
               base::escape_html(title) + "</title>\n<h1>" + base::escape_html(title) +
               "</h1>\n<p>" + base::escape_html(sentence) + "</p>\n</html>\n";
    return out;
}

int status_of(const base::error& why) {
    switch (why.code) {
        case base::error_code::not_found:
        case base::error_code::conflict:
        case base::error_code::auth:
            return 400;
        default:
            return 502;
    }
}

net::http_response page_of(const base::result<instance::connection_id>& outcome) {
    if (outcome) {
        return page(
            200, "Connected",
            outcome->name + " of " +
                (instance::is_shared_owner(outcome->owner) ? instance::owner_text(outcome->owner)
                                                           : outcome->owner) +
                " is authorized. You can close this window.");
    }
    const base::error& why = outcome.error_value();
    std::string sentence = why.message;
    if (!why.hint.empty()) sentence += " (" + why.hint + ")";
    return page(status_of(why), "Not connected", sentence);
}

}  // namespace

std::optional<net::http_response> oauth_callback::on_head(
    const net::http_request_head& head) const {
    if (head.method != "GET") {
        net::http_response out = net::problem_response(405, {}, "this address takes GET");
        out.headers.set("Allow", "GET");
        return out;
    }
    if (under_way_ >= most_under_way) return overload(429, "too many are authorizing at once");
    return std::nullopt;
}

void oauth_callback::on_request(const net::http_request& request, net::responder answer) {
    instance::authorizations::answer given;
    const std::pair<const char*, std::string*> known[] = {
        {"state", &given.state},
        {"code", &given.code},
        {"error", &given.error},
        {"error_description", &given.description}};
    for (auto& [name, text] : net::parse_query(request.query)) {
        for (const auto& [wanted, to] : known) {
            if (name == wanted) *to = std::move(text);
        }
    }
    ++under_way_;
    finish_(std::move(given), [this, answer = std::move(answer)](
                                  const base::result<instance::connection_id>& outcome) {
        --under_way_;
        answer(page_of(outcome));
    });
}

}  // namespace sluice::trigger
