#include <array>
#include <utility>

#include "expression/suggestion.hpp"
#include "manifest/use_reader.hpp"

namespace sluice::manifest {
namespace {

constexpr std::array<std::string_view, 3> unsupported = {"digest", "oauth2", "oidc"};

template_value read_part(const cursor& of, std::string_view name, std::string_view kind,
                         const expression_context& context) {
    const cursor at = of.member(name);
    if (!at.exists()) {
        of.problem(std::string(kind) + " needs a `" + std::string(name) + "`");
        return {};
    }
    return read_template(at, context, true);
}

// Noted when the object names a secret of the runtime, as the specification allows.
bool names_secret(const cursor& at) {
    if (!at.member("use").exists()) return false;
    at.member("use").key_problem("secrets are not taken from the runtime by name",
                                 "pass each value, for example { $ref: config.password }");
    return true;
}

}  // namespace

authentication read_proof(const cursor& at, const expression_context& context) {
    authentication made;
    if (!at.is_object("authentication")) return made;
    for (const std::string_view name : unsupported) {
        if (!at.member(name).exists()) continue;
        at.member(name).key_problem(
            "authentication of the kind \"" + std::string(name) + "\" is not supported",
            "use basic or bearer, or an action of a connector with a connection");
        return made;
    }
    at.refuse_unknown("authentication", {"basic", "bearer"});
    const cursor basic = at.member("basic");
    const cursor bearer = at.member("bearer");
    if (basic.exists() == bearer.exists()) {
        at.problem("authentication has one kind: basic or bearer",
                   "for example bearer: { token: { $ref: config.token } }");
    } else if (basic.exists() && basic.is_object("basic") && !names_secret(basic)) {
        basic.refuse_unknown("basic", {"username", "password"});
        made.type = authentication::kind::basic;
        made.user = read_part(basic, "username", "basic", context);
        made.password = read_part(basic, "password", "basic", context);
    } else if (bearer.exists() && bearer.is_object("bearer") && !names_secret(bearer)) {
        bearer.refuse_unknown("bearer", {"token"});
        made.type = authentication::kind::bearer;
        made.token = read_part(bearer, "token", "bearer", context);
    }
    return made;
}

authentication read_authentication(const cursor& at, use_parts& use,
                                   const expression_context& context) {
    if (!at.exists()) return {};
    // The specification writes { use: name }; older texts have the bare name.
    const cursor named = at.content().is_string() ? at : at.member("use");
    if (!named.exists()) return read_proof(at, context);
    const std::optional<std::string> name = named.text("the name of an authentication", true);
    if (!name) return {};
    if (at.content().is_object()) at.refuse_unknown("authentication", {"use"});
    const auto found = use.authentications.find(*name);
    if (found != use.authentications.end()) {
        use.used.insert("authentications/" + *name);
        return found->second;
    }
    std::vector<std::string> known;
    for (const auto& [each, ignored] : use.authentications)
        known.push_back(each);
    // What was meant is used, too.
    const std::string near = expression::nearest(*name, known);
    if (!near.empty()) use.used.insert("authentications/" + near);
    std::string hint = expression::did_you_mean(*name, known);
    if (hint.empty()) hint = "declare it below `use: authentications:`";
    named.problem("there is no authentication \"" + *name + "\"", std::move(hint));
    return {};
}

}  // namespace sluice::manifest
