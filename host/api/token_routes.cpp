#include "api/token_routes.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "api/page.hpp"

namespace sluice::api {
namespace {

constexpr std::size_t longest_name = 100;

base::error wrong(std::string message) {
    return base::make_error(base::error_code::invalid_input, std::move(message));
}

json::value text_or_null(const std::string& text) {
    return text.empty() ? json::value() : json::value(text);
}

json::value facts_json(const token_facts& one) {
    json::value scopes = json::value::array();
    for (const std::string& name : one.scopes.names())
        scopes.push(name);
    return json::value::object(
        {{"id", one.id},
         {"name", one.name},
         {"scopes", std::move(scopes)},
         {"instance", text_or_null(one.instance)},
         {"customer", text_or_null(one.customer)},
         {"created", base::to_rfc3339(one.created_ms)},
         {"expires",
          one.expires_ms == 0 ? json::value() : json::value(base::to_rfc3339(one.expires_ms))}});
}

base::result<std::string> optional_text(const json::value& body, const char* name) {
    const json::value& content = body.get(name);
    if (content.is_null()) return std::string();
    if (content.is_string() && !content.as_string().empty()) return content.as_string();
    return wrong(std::string(name) + " is a text that is not empty, or null");
}

base::result<scope_set> scopes_of(const json::value& names) {
    scope_set out;
    if (names.is_array()) {
        for (const json::value& name : names.items()) {
            const auto known = name.is_string() ? parse_scope(name.as_string()) : std::nullopt;
            if (!known) return wrong("scopes are read, operate, deploy, secrets and admin");
            out.add(*known);
        }
    }
    if (out.empty()) return wrong("scopes is a list of at least one scope");
    return out;
}

base::result<void> check_members(const json::value& body) {
    constexpr std::array known = {"name", "scopes", "instance", "customer", "expires"};
    if (!body.is_object()) return wrong("the body is an object with name and scopes");
    for (const auto& [name, content] : body.members()) {
        if (std::find(known.begin(), known.end(), name) == known.end()) {
            return wrong("a token has no \"" + name + "\"");
        }
    }
    return {};
}

// A token for what does not exist is a slip of the pen.
base::result<void> check_binding(const token_facts& wanted, const instance::deployments& deployed) {
    if (!wanted.instance.empty() && !wanted.customer.empty()) {
        return wrong("a token is bound to an instance or to a customer, not to both");
    }
    if (wanted.bound() && wanted.scopes.has(scope::admin)) {
        return wrong("a token with the scope admin cannot be bound");
    }
    if (!wanted.instance.empty() && !deployed.has(wanted.instance)) {
        return wrong("there is no instance \"" + wanted.instance + "\"");
    }
    if (wanted.customer.empty() || deployed.has_customer(wanted.customer)) return {};
    return wrong("there is no customer \"" + wanted.customer + "\"");
}

}  // namespace

base::result<std::string> read_name(const json::value& body) {
    std::string name = body.string_or("name", "");
    const bool printable = std::none_of(name.begin(), name.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    });
    if (!name.empty() && name.size() <= longest_name && printable) return name;
    return wrong("name is a text of 1 to 100 bytes, without control characters");
}

base::result<token_facts> read_wanted_token(const json::value& body, base::clock& clock,
                                            const instance::deployments& deployed) {
    if (base::result<void> fits = check_members(body); !fits) return fits.error_value();
    token_facts out;
    base::result<std::string> name = read_name(body);
    if (!name) return std::move(name).error_value();
    out.name = std::move(*name);
    base::result<scope_set> scopes = scopes_of(body.get("scopes"));
    if (!scopes) return std::move(scopes).error_value();
    out.scopes = *scopes;
    base::result<std::string> instance = optional_text(body, "instance");
    if (!instance) return std::move(instance).error_value();
    out.instance = std::move(*instance);
    base::result<std::string> customer = optional_text(body, "customer");
    if (!customer) return std::move(customer).error_value();
    out.customer = std::move(*customer);
    base::result<std::string> expires = optional_text(body, "expires");
    if (!expires) return std::move(expires).error_value();
    if (!expires->empty()) {
        const auto at = base::parse_rfc3339(*expires);
        if (!at || *at <= clock.unix_ms()) {
            return wrong("expires is a time to come, such as 2027-01-31T00:00:00Z");
        }
        out.expires_ms = *at;
    }
    if (base::result<void> fits = check_binding(out, deployed); !fits) return fits.error_value();
    return out;
}

reply list_tokens(const call& what, const token_list& tokens) {
    auto given = read_query(what.query, {"limit", "cursor"});
    if (!given) return problem_of(given.error_value());
    base::result<int> limit = read_limit(*given);
    if (!limit) return problem_of(limit.error_value());
    const std::string cursor = parameter(*given, "cursor");
    json::value items = json::value::array();
    std::string last;
    for (const token_facts& one : tokens.all()) {
        if (one.id <= cursor) continue;
        if (items.size() == static_cast<std::size_t>(*limit)) {
            return json_reply(200, page_of(std::move(items), last));
        }
        items.push(facts_json(one));
        last = one.id;
    }
    return json_reply(200, page_of(std::move(items), ""));
}

void create_token(const call& what, token_list& tokens, base::clock& clock,
                  const instance::deployments& deployed, const answer_function& answer) {
    base::result<token_facts> wanted = read_wanted_token(what.body, clock, deployed);
    if (!wanted) return answer(problem_of(wanted.error_value()));
    tokens.create(std::move(*wanted), [answer](const base::result<created_token>& made) {
        if (!made) return answer(problem_of(made.error_value()));
        json::value body = facts_json(made->facts);
        body.set("token", made->text.reveal());
        answer(json_reply(201, body, made->facts.id));
    });
}

void revoke_token(const call& what, token_list& tokens, const answer_function& answer) {
    const std::string& id = what.path.find("id")->second;
    const token_facts* known = tokens.by_id(id);
    if (known == nullptr) return answer(problem(404, "there is no such thing"));
    if (known->scopes.has(scope::admin) && !tokens.has_administrator(id)) {
        return answer(problem(409, "it is the last token that can administer the host"));
    }
    tokens.revoke(id, [answer](const base::result<void>& done) {
        if (!done) return answer(problem_of(done.error_value()));
        reply gone;
        gone.response.status = 204;
        answer(std::move(gone));
    });
}

}  // namespace sluice::api
