#include "api/router.hpp"

#include <utility>

#include "api/bearer.hpp"
#include "base/ids.hpp"
#include "base/log.hpp"
#include "json/text.hpp"
#include "net/url.hpp"

namespace sluice::api {
namespace {

constexpr std::size_t most_under_way = 64;

using places = std::map<std::string, std::string, std::less<>>;

std::string_view next_segment(std::string_view& rest) {
    const std::size_t slash = rest.find('/', 1);
    const std::string_view segment = rest.substr(1, slash == rest.npos ? rest.npos : slash - 1);
    rest = slash == rest.npos ? std::string_view() : rest.substr(slash);
    return segment;
}

// What stands in the places of `pattern`, when `path` has its form.
std::optional<places> match(std::string_view pattern, std::string_view path) {
    places out;
    if (!path.starts_with('/')) return std::nullopt;
    while (!pattern.empty() && !path.empty()) {
        const std::string_view wanted = next_segment(pattern);
        const std::string_view given = next_segment(path);
        if (wanted.starts_with('{')) {
            std::optional<std::string> text = net::percent_decode(given);
            if (!text || text->empty()) return std::nullopt;
            out.emplace(wanted.substr(1, wanted.size() - 2), std::move(*text));
        } else if (wanted != given) {
            return std::nullopt;
        }
    }
    if (!pattern.empty() || !path.empty()) return std::nullopt;
    return out;
}

// What stands in the places, in their order: "acme/app".
std::string object_of(std::string_view pattern, const places& given) {
    std::string out;
    while (!pattern.empty()) {
        const std::string_view segment = next_segment(pattern);
        if (!segment.starts_with('{')) continue;
        const auto found = given.find(segment.substr(1, segment.size() - 2));
        if (found != given.end()) out += (out.empty() ? "" : "/") + found->second;
    }
    return out;
}

// The same for what is not there and what is not the caller's.
net::http_response not_there() { return net::problem_response(404, {}, "there is no such thing"); }

net::http_response other_method(const std::string& allowed) {
    net::http_response out = net::problem_response(405, {}, "this path takes " + allowed);
    out.headers.set("Allow", allowed);
    return out;
}

void log_refusal(const route& to, const token_facts& caller, const char* why) {
    if (!to.changes()) return;
    base::log(base::log_level::warning, "a change through the admin API was refused",
              {{"token", caller.id}, {"route", to.method + " " + to.pattern}, {"why", why}});
}

}  // namespace

router::router(router_ports ports, std::vector<route> routes)
    : ports_(std::move(ports)), routes_(std::move(routes)) {}

router::decision router::decide(const net::http_request_head& head) const {
    const std::string_view path = head.path.starts_with(path_prefix)
                                      ? std::string_view(head.path).substr(path_prefix.size())
                                      : std::string_view();
    const std::string method = head.method == "HEAD" ? "GET" : head.method;
    admitted out;
    std::string allowed;
    for (const route& one : routes_) {
        std::optional<places> found = match(one.pattern, path);
        if (!found) continue;
        allowed += (allowed.empty() ? "" : ", ") + one.method;
        if (one.method != method) continue;
        out.to = &one;
        out.what.path = std::move(*found);
    }
    if (out.to != nullptr && !out.to->needs) return out;
    const token_facts* caller = ports_.tokens.find(bearer_token(head));
    if (caller == nullptr) return no_token();
    if (allowed.empty()) return not_there();
    if (out.to == nullptr) return other_method(allowed);
    if (!caller->scopes.has(*out.to->needs)) {
        log_refusal(*out.to, *caller, "scope");
        return net::problem_response(
            403, {}, std::string("the token lacks the scope ") + to_string(*out.to->needs));
    }
    if (out.to->about == concerns::host && caller->bound()) {
        log_refusal(*out.to, *caller, "bound token");
        return net::problem_response(
            403, {}, "the token is bound to a tenant, and this concerns the whole host");
    }
    out.what.caller = *caller;
    out.what.view = tenant_view(*caller, ports_.deployments);
    return out;
}

std::optional<net::http_response> router::on_head(const net::http_request_head& head) const {
    decision made = decide(head);
    if (auto* refusal = std::get_if<net::http_response>(&made)) return std::move(*refusal);
    if (under_way_ < most_under_way) return std::nullopt;
    net::http_response busy = net::problem_response(429, {}, "too many requests at once");
    busy.headers.set("Retry-After", "1");
    return busy;
}

void router::on_request(const net::http_request& request, net::responder answer) {
    // Again: the token may have been revoked while the body came.
    decision made = decide(request);
    if (auto* refusal = std::get_if<net::http_response>(&made)) {
        return answer(std::move(*refusal));
    }
    auto one = std::make_shared<admitted>(std::move(std::get<admitted>(made)));
    ++under_way_;
    const answer_function done = [this, answer](reply told) {
        --under_way_;
        told.response.headers.set("Cache-Control", "no-store");
        answer(std::move(told.response));
    };
    one->what.query = request.query;
    if (!request.body.empty()) {
        base::result<json::value> body = json::parse(request.body);
        if (!body) return done(problem(400, "the body is not JSON: " + body.error_value().message));
        one->what.body = std::move(*body);
    }
    if (!one->to->changes()) return find_object(std::move(one), done);
    audit_entry entry{one->what.caller.id, one->to->method + " " + one->to->pattern, "",
                      request.peer.ip, ports_.clock.unix_ms()};
    entry.object = object_of(one->to->pattern, one->what.path);
    ports_.audit.begin(entry, [this, one, done](const base::result<std::string>& id) {
        if (!id) return done(problem_of(id.error_value()));
        find_object(one, audited(*id, done));
    });
}

answer_function router::audited(const std::string& id, const answer_function& answer) {
    return [this, id, answer](const reply& told) {
        ports_.audit.end(id, told.response.status, told.created,
                         [told, answer](const base::result<void>& written) {
                             if (!written) {
                                 base::log(base::log_level::error,
                                           "the outcome of a change is missing in the audit log",
                                           {{"why", written.error_value().to_text()}});
                             }
                             answer(told);
                         });
    };
}

bool router::is_there(const admitted& one) const {
    const tenant_view& view = one.what.view;
    const auto name = one.what.path.find("name");
    switch (one.to->about) {
        case concerns::instance:
            return ports_.deployments.has(name->second) && view.sees(name->second);
        case concerns::customer:
            return view.sees_customer(name->second) &&
                   ports_.deployments.has_customer(name->second);
        case concerns::organization:
            return view.sees_organization();
        case concerns::host:
        case concerns::tenants:
        case concerns::execution:
            return true;
    }
    return false;
}

void router::find_object(std::shared_ptr<admitted> one, const answer_function& answer) {
    call& what = one->what;
    if (!is_there(*one)) return answer({not_there(), {}});
    if (one->to->about != concerns::execution) return one->to->run(what, answer);
    const auto id = base::parse_execution_id(what.path["id"]);
    if (!id) return answer({not_there(), {}});
    ports_.run_blocking([this, one = std::move(one), id = *id, answer] {
        auto found =
            std::make_shared<base::result<store::execution_detail>>(ports_.store.execution(id));
        ports_.loop.post([one, found, answer] {
            if (!*found && found->error_value().code != base::error_code::not_found) {
                return answer(problem_of(found->error_value()));
            }
            if (!*found || !one->what.view.sees(found->value().summary.instance)) {
                return answer({not_there(), {}});
            }
            one->what.execution =
                std::make_shared<const store::execution_detail>(std::move(found->value()));
            one->to->run(one->what, answer);
        });
    });
}

}  // namespace sluice::api
