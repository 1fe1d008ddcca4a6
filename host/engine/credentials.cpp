#include "engine/credentials.hpp"

#include <utility>

#include "base/encoding.hpp"
#include "json/text.hpp"

namespace sluice::engine {
namespace {

using kind = manifest::authentication::kind;

std::string text_of(const json::value& content) {
    return content.is_string() ? content.as_string() : json::to_text(content);
}

std::string basic_of(const json::value& members) {
    return base::to_base64(text_of(members.get("username")) + ':' +
                           text_of(members.get("password")));
}

// A secret comes as text as a rule, also when it holds an object.
json::value members_of(const manifest::authentication& how, const json::value& content) {
    if (how.secret.empty() || !content.is_string()) return content;
    base::result<json::value> parsed = json::parse(content.as_string());
    return parsed && parsed->is_object() ? std::move(*parsed) : content;
}

base::error no_use(const manifest::authentication& how, const std::string& needed) {
    return base::make_error(base::error_code::unsupported,
                            "the secret \"" + how.secret + "\" is no " + needed);
}

void collect(const json::value& members, std::vector<std::string>& into) {
    for (const auto& [name, content] : members.members()) {
        const bool counts =
            name == "password" || name == "token" || name == "secret" || name == "assertion";
        if (content.is_object()) {
            collect(content, into);
        } else if (counts) {
            into.push_back(text_of(content));
        }
    }
}

// A secret that is named has not been looked at when the document was read.
base::result<void> check_secret(const manifest::authentication& how, const json::value& members) {
    if (how.secret.empty()) return {};
    if (members.is_null()) {
        return base::make_error(base::error_code::unsupported,
                                "the secret \"" + how.secret + "\" has no value here",
                                "give it one as a config variable, or to sluice run --plain with "
                                "--secret " +
                                    how.secret + "=@FILE");
    }
    if (how.type == kind::basic || how.type == kind::digest) {
        if (!members.get("username").is_null() && !members.get("password").is_null()) return {};
        return no_use(how, "JSON object with `username` and `password`");
    }
    if (how.type == kind::bearer && !members.is_string() && members.get("token").is_null()) {
        return no_use(how, "token, and no JSON object with one in `token`");
    }
    return {};
}

}  // namespace

base::result<credentials> read_credentials(const manifest::authentication& how,
                                           const json::value& content, const json::value& shown) {
    const json::value members = members_of(how, content);
    if (auto fits = check_secret(how, members); !fits) return std::move(fits).error_value();
    credentials made;
    made.type = how.type;
    const auto show = [&](const char* scheme, json::value parameter) {
        // Of a secret that is named nothing but its name is known.
        if (!how.secret.empty()) parameter = shown;
        made.shown = json::value::object({{"scheme", scheme}, {"parameter", std::move(parameter)}});
    };
    switch (how.type) {
        case kind::none:
            break;
        case kind::basic:
            made.field = "Basic " + basic_of(members);
            show("Basic", basic_of(shown));
            break;
        case kind::bearer:
            made.field = "Bearer " + text_of(members.is_string() ? members : members.get("token"));
            show("Bearer", text_of(shown.get("token")));
            break;
        case kind::digest:
            made.user = text_of(members.get("username"));
            made.password = text_of(members.get("password"));
            show("Digest", text_of(shown.get("username")));
            break;
        case kind::oauth2:
        case kind::oidc: {
            base::result<token_request> request = read_token_request(how.type, members);
            if (!request) {
                base::error why = std::move(request).error_value();
                why.code = base::error_code::unsupported;
                why.message = (how.type == kind::oidc ? "oidc: " : "oauth2: ") + why.message;
                return why;
            }
            made.token = std::move(*request);
            made.shown = json::value::object(
                {{"scheme", "Bearer"},
                 {"parameter", how.type == kind::oidc ? "{oidc.token}" : "{oauth2.token}"}});
            break;
        }
    }
    return made;
}

std::vector<std::string> texts_to_hide(const json::value& secret) {
    std::vector<std::string> found;
    // A message without addresses helps nobody.
    const std::string text = text_of(secret);
    if (!text.starts_with("http://") && !text.starts_with("https://")) found.push_back(text);
    if (secret.is_object()) {
        collect(secret, found);
    } else if (secret.is_string() && secret.as_string().starts_with('{')) {
        const base::result<json::value> parsed = json::parse(secret.as_string());
        if (parsed && parsed->is_object()) collect(*parsed, found);
    }
    return found;
}

}  // namespace sluice::engine
