#include "api/probes.hpp"

#include <memory>

#include "api/bearer.hpp"
#include "json/text.hpp"

namespace sluice::api {
namespace {

net::http_response ready_answer(const probe_ports::conditions& conditions) {
    bool all = true;
    json::value shown = json::value::object();
    for (const auto& [name, holds] : conditions) {
        shown.set(name, holds);
        all = all && holds;
    }
    return net::json_response(
        all ? 200 : 503,
        json::to_text(json::value::object({{"ready", all}, {"conditions", std::move(shown)}})));
}

net::http_response numbers_answer(std::string text) {
    net::http_response out;
    out.headers.set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    out.body = std::move(text);
    return out;
}

}  // namespace

bool probes::is_here(std::string_view path) {
    return path == "/healthz" || path == "/readyz" || path == "/metrics";
}

void probes::on_request(const net::http_request& request, net::responder answer) {
    if (request.method != "GET" && request.method != "HEAD") {
        net::http_response refused = net::problem_response(405, {}, "this path takes GET");
        refused.headers.set("Allow", "GET");
        return answer(std::move(refused));
    }
    if (request.path == "/healthz") {
        return answer(net::json_response(200, R"({"alive":true})"));
    }
    const bool numbers = request.path == "/metrics";
    if (numbers && !ports_.open_numbers) {
        const token_facts* caller = ports_.tokens.find(bearer_token(request));
        if (caller == nullptr) return answer(no_token());
        if (caller->bound() || !caller->scopes.has(scope::read)) {
            return answer(net::problem_response(
                403, {}, "this needs the scope read of a token that is not bound to a tenant"));
        }
    }
    auto shared = std::make_shared<net::responder>(std::move(answer));
    std::function<net::http_response()> work;
    if (numbers) {
        work = [text = ports_.numbers()] { return numbers_answer(text()); };
    } else {
        work = [conditions = ports_.ready()] { return ready_answer(conditions()); };
    }
    ports_.run_blocking([this, work = std::move(work), shared] {
        auto told = std::make_shared<net::http_response>(work());
        ports_.loop.post([shared, told] {
            told->headers.set("Cache-Control", "no-store");
            (*shared)(std::move(*told));
        });
    });
}

}  // namespace sluice::api
