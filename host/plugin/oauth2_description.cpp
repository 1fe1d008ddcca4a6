#include "plugin/oauth2_description.hpp"

#include <algorithm>
#include <array>

namespace sluice::plugin {
namespace {

using grant_kind = oauth2_description::grant_kind;
using client_proof = oauth2_description::client_proof;

constexpr std::array<std::pair<std::string_view, grant_kind>, 3> grants = {
    {{"authorizationCode", grant_kind::authorization_code},
     {"clientCredentials", grant_kind::client_credentials},
     {"jwtBearer", grant_kind::jwt_bearer}}};

constexpr std::array<std::string_view, 8> members = {"grant",
                                                     "authorizeUrl",
                                                     "tokenUrl",
                                                     "revokeUrl",
                                                     "scopes",
                                                     "clientAuthentication",
                                                     "authorizeParameters",
                                                     "fromToken"};

class reading {
  public:
    reading(descriptor_checker& check, const std::string& key, const json::value& section,
            const json::value& fields)
        : check_(check), key_(key), section_(section), properties_(fields.get("properties")) {}

    oauth2_description run() {
        for (const auto& [name, ignored] : section_.members()) {
            if (std::ranges::find(members, name) == members.end()) {
                check_.fail(key_ + "." + name, "left out: there is no such member");
            }
        }
        oauth2_description out;
        read_grant(out);
        read_proof(out);
        const bool by_code = out.grant == grant_kind::authorization_code;
        out.token_url = address("tokenUrl", true);
        out.authorize_url = address("authorizeUrl", by_code);
        out.revoke_url = address("revokeUrl", false);
        if (!by_code && !out.authorize_url.empty()) {
            check_.fail(key_ + ".authorizeUrl", "left out: no person authorizes this grant");
        }
        out.scopes = check_.texts(section_, "scopes", key_ + ".scopes");
        read_parameters(out);
        read_from_token(out);
        check_fields(out);
        return out;
    }

  private:
    void read_grant(oauth2_description& out) {
        const std::string text = check_.text(section_, "grant", key_ + ".grant", true);
        const auto found =
            std::ranges::find(grants, text, [](const auto& each) { return each.first; });
        if (found == grants.end()) {
            check_.fail(key_ + ".grant", "`authorizationCode`, `clientCredentials` or `jwtBearer`");
        } else {
            out.grant = found->second;
        }
    }

    void read_proof(oauth2_description& out) {
        const std::string key = key_ + ".clientAuthentication";
        const std::string text = check_.text(section_, "clientAuthentication", key, false);
        const bool by_assertion = out.grant == grant_kind::jwt_bearer;
        if (text == "post") {
            out.proof = client_proof::post;
        } else if (text == "none" || (text.empty() && by_assertion)) {
            out.proof = client_proof::none;
        } else if (text != "basic" && !text.empty()) {
            check_.fail(key, "`basic`, `post` or `none`");
        }
        if (text == "none" && out.grant == grant_kind::client_credentials) {
            check_.fail(key, "`basic` or `post`: client credentials are a secret");
        }
    }

    // https, or whatever the connection's field says.
    std::string address(std::string_view name, bool required) {
        const std::string key = key_ + "." + std::string(name);
        std::string text = check_.text(section_, name, key, required);
        if (text.empty()) return text;
        if (!text.starts_with("https://") && !text.starts_with('{')) {
            check_.fail(key, "an address that begins with https:// or with {field}");
        }
        if (std::ranges::count(text, '{') != std::ranges::count(text, '}')) {
            check_.fail(key, "an address with a closing brace for each opening one");
        }
        for (const std::string& field : fields_of_address(text)) {
            const json::value& property = properties_.get(field);
            if (!property.is_object() || property.bool_or("secret", false)) {
                check_.fail(key, "an address whose {" + field +
                                     "} is a field of the connection, and no secret one");
            }
        }
        return text;
    }

    void read_parameters(oauth2_description& out) {
        const std::string key = key_ + ".authorizeParameters";
        const json::value given = check_.object(section_, "authorizeParameters", key);
        if (!given.is_object()) return;
        for (const auto& [name, content] : given.members()) {
            if (!content.is_string()) check_.fail(key + "." + name, "a text");
            for (const char* const own : {"client_id", "code_challenge", "code_challenge_method",
                                          "redirect_uri", "response_type", "scope", "state"}) {
                if (name == own) check_.fail(key + "." + name, "left out: the host sets it");
            }
            if (check_.ok()) out.authorize_parameters.emplace_back(name, content.as_string());
        }
    }

    void read_from_token(oauth2_description& out) {
        const std::string key = key_ + ".fromToken";
        const json::value given = check_.object(section_, "fromToken", key);
        if (!given.is_object()) return;
        for (const auto& [name, content] : given.members()) {
            const json::value& property = properties_.get(name);
            if (!property.is_object() || property.bool_or("secret", false)) {
                check_.fail(key + "." + name, "a field of the connection, and no secret one");
            }
            if (!content.is_string()) check_.fail(key + "." + name, "a text");
            if (check_.ok()) out.from_token.emplace_back(name, content.as_string());
        }
    }

    void need_field(const char* name, bool secret) {
        const json::value& property = properties_.get(name);
        if (property.is_object() && property.bool_or("secret", false) == secret) return;
        check_.fail(key_, std::string("beside a field `") + name + "` that is " +
                              (secret ? "marked" : "not marked") + " `\"secret\": true`");
    }

    // What the instance has to give, and what the host will.
    void check_fields(const oauth2_description& read) {
        for (const char* const given : {"accessToken", "tokenType"}) {
            if (!properties_.get(given).is_null()) {
                check_.fail(key_,
                            std::string("without a field `") + given + "`: the host fills it");
            }
        }
        const bool by_assertion = read.grant == grant_kind::jwt_bearer;
        if (by_assertion) need_field("privateKey", true);
        if (!by_assertion || properties_.get("issuer").is_null()) need_field("clientId", false);
        if (read.proof != client_proof::none) need_field("clientSecret", true);
    }

    descriptor_checker& check_;
    const std::string& key_;
    const json::value& section_;
    const json::value& properties_;
};

}  // namespace

std::string_view to_string(grant_kind grant) {
    for (const auto& [name, kind] : grants) {
        if (kind == grant) return name;
    }
    return "";
}

std::vector<std::string> fields_of_address(std::string_view address) {
    std::vector<std::string> found;
    for (std::size_t from = address.find('{'); from != std::string_view::npos;
         from = address.find('{', from + 1)) {
        const std::size_t to = address.find('}', from);
        if (to == std::string_view::npos) break;
        found.emplace_back(address.substr(from + 1, to - from - 1));
    }
    return found;
}

oauth2_description read_oauth2(descriptor_checker& check, const std::string& key,
                               const json::value& section, const json::value& fields) {
    return reading(check, key, section, fields).run();
}

}  // namespace sluice::plugin
