// How the requests of call: http and call: openapi prove who they are.
#include <utility>

#include "base/ids.hpp"
#include "engine/credentials.hpp"
#include "engine/execution.hpp"
#include "engine/http_message.hpp"
#include "net/digest.hpp"
#include "net/url.hpp"

namespace sluice::engine {
namespace {

using kind = manifest::authentication::kind;

constexpr int unauthorized = 401;

// Path and query as they were on the wire: `answered` is the address that did answer.
std::string target_of(const std::string& asked, const std::string& answered) {
    const base::result<net::url> address = net::parse_url(answered.empty() ? asked : answered);
    return address ? address->target() : "/";
}

}  // namespace

json::value walk::hide_references(const manifest::template_value& code, json::value evaluated) {
    return code.resolve_references(std::move(evaluated),
                                   [](const std::string& name) { return "{config." + name + "}"; });
}

std::optional<fault> walk::authorize(const manifest::authentication& proof,
                                     const json::value& input, const manifest::task& task,
                                     credentials& made) {
    made = {};
    if (proof.type == kind::none) return std::nullopt;
    const auto failed = [&](const base::error& why) { return *expression_fault(why, task).error; };
    base::result<json::value> content = evaluate(proof.content, input);
    if (!content) return failed(content.error_value());
    if (proof.fills_authority) {
        base::result<std::string> filled =
            fill_endpoint(content->string_or("authority", ""), input);
        if (!filled) return failed(filled.error_value());
        content->set("authority", std::move(*filled));
    }
    const json::value shown = hide_references(proof.content, *content);
    const json::value real = run_.start().flow->resolve(proof.content, std::move(*content));
    base::result<credentials> read = read_credentials(proof, real, shown);
    if (!read) return fault_of_call(read.error_value(), 0, task.reference);
    made = std::move(*read);
    scope_.set_authorization(made.shown);
    return std::nullopt;
}

base::task<or_fault<std::string>> walk::token_for(const credentials& proof) {
    using answer = or_fault<std::string>;
    answer found;
    if (std::optional<std::string> known = host_.tokens.known(proof.token)) {
        found.content = std::move(*known);
    } else if (host_.http == nullptr) {
        found.refused = fault_of_call(base::make_error(base::error_code::unsupported,
                                                       "this run has no access to the network"),
                                      0, {});
    } else {
        base::callback_awaiter<answer> fetched([&](auto done) {
            const auto operation =
                host_.tokens.fetch(proof.token, *host_.http, request_time_ms(), std::move(done));
            cancel_request_ = [tokens = &host_.tokens, operation] { tokens->cancel(operation); };
        });
        found = co_await fetched;
        cancel_request_ = {};
    }
    // Before anything that came back is looked at.
    if (!found.refused) run_.start().flow->fetched->add(found.content);
    co_return found;
}

base::task<proven_answer> walk::send_proven(const credentials& proof, net::client_request request,
                                            std::string body_blob) {
    if (proof.type == kind::digest) {
        co_return co_await send_with_digest(proof, std::move(request), std::move(body_blob));
    }
    if (proof.type == kind::oauth2 || proof.type == kind::oidc) {
        co_return co_await send_with_token(proof, std::move(request), std::move(body_blob));
    }
    if (!proof.field.empty()) request.headers.set("Authorization", proof.field);
    proven_answer came(co_await send(std::move(request), std::move(body_blob)));
    co_return came;
}

// The answer to a challenge, and to one more when the nonce was too old.
base::task<proven_answer> walk::send_with_digest(const credentials& proof,
                                                 net::client_request request,
                                                 std::string body_blob) {
    base::result<http_answer> answer = co_await send(request, body_blob);
    for (int answers = 0; answers < 2; ++answers) {
        if (!answer || answer->response.status != unauthorized || stopping()) break;
        const auto challenge = net::find_digest_challenge(answer->response.headers);
        if (!challenge || (answers > 0 && !challenge->stale)) break;
        request.headers.set(
            "Authorization",
            net::digest_authorization(*challenge, {proof.user, proof.password}, request.method,
                                      target_of(request.url, answer->response.url),
                                      base::make_token(host_.random)));
        answer = co_await send(request, body_blob);
    }
    co_return proven_answer(std::move(answer));
}

// A token that is refused may have been revoked: there is one more try, with a new one.
base::task<proven_answer> walk::send_with_token(const credentials& proof,
                                                net::client_request request,
                                                std::string body_blob) {
    for (bool first = true;; first = false) {
        or_fault<std::string> token = co_await token_for(proof);
        if (token.refused) {
            const base::error nothing =
                base::make_error(base::error_code::auth, "there is no access token");
            co_return proven_answer(nothing, std::move(token.refused));
        }
        if (stopping()) {
            // The cancellation came together with the token, and has been used up on it.
            const base::error stopped = base::make_error(base::error_code::cancelled, "cancelled");
            co_return proven_answer(stopped, fault_of_call(stopped, 0, {}));
        }
        request.headers.set("Authorization", "Bearer " + token.content);
        base::result<http_answer> answer = co_await send(request, body_blob);
        const bool refused = answer && answer->response.status == unauthorized;
        if (refused) host_.tokens.drop(proof.token, token.content);
        if (!refused || !first || stopping()) co_return proven_answer(std::move(answer));
    }
}

}  // namespace sluice::engine
