#include "account.hpp"

#include <charconv>

#include "one_line.hpp"

namespace sluice::mail {
namespace {

[[noreturn]] void refuse(const std::string& what) { throw failure(SLUICE_INVALID_INPUT, what); }

security_kind read_security(const json& from, const char* usual) {
    const std::string name = from.get_or("security", usual);
    if (name == "tls") return security_kind::tls;
    if (name == "starttls") return security_kind::starttls;
    if (name == "none") return security_kind::none;
    refuse("the connection's 'security' must be tls, starttls or none");
}

bool is_host(const std::string& text) {
    constexpr std::string_view letters =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:";
    return text.find_first_not_of(letters) == std::string::npos;
}

// A number, or its digits: what comes out of a variable of the environment is text.
std::int64_t read_number(const json& from, const std::string& key, std::int64_t usual,
                         std::int64_t most) {
    const json& given = from[key];
    if (given.is_null()) return usual;
    std::int64_t number = given.is_int64() ? given.as_int64() : 0;
    if (given.is_string()) {
        const std::string& text = given.as_string();
        const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (problem != std::errc() || end != text.data() + text.size()) number = 0;
    }
    if (number < 1 || number > most) {
        refuse("the connection's '" + key + "' must be 1 to " + std::to_string(most));
    }
    return number;
}

// Both are parts of one text in which such characters end a part (RFC 7628).
void expect_no_control_characters(const std::string& text, const char* what) {
    if (!is_one_line(text)) refuse(std::string(what) + " holds control characters");
}

// The host has put the token into the connection.
void read_token(const context& ctx, account& into) {
    if (into.username.empty()) refuse("the connection has no 'username'");
    expect_no_control_characters(into.username, "the connection's 'username'");
    into.access_token = ctx.connection_string("accessToken");
    expect_no_control_characters(into.access_token, "the access token");
    const std::string name = ctx.connection().get_or("mechanism", "xoauth2");
    if (name != "xoauth2" && name != "oauthbearer") {
        refuse("the connection's 'mechanism' must be xoauth2 or oauthbearer");
    }
    into.mechanism = name == "xoauth2" ? "XOAUTH2" : "OAUTHBEARER";
    // It would have to be written in another way there, which libcurl does not do.
    if (name == "oauthbearer" && into.username.find_first_of(",=") != std::string::npos) {
        refuse("the connection's 'username' has a comma or an equals sign: use xoauth2");
    }
}

account read_account(const context& ctx, const std::string& scheme, const char* usual_security) {
    const json& from = ctx.connection();
    const std::string type = from.get_or("type", "");
    const bool by_token = type == scheme + "Oauth2";
    if (type != scheme && !by_token) {
        refuse("this action needs a connection of type " + scheme + " or " + scheme + "Oauth2");
    }
    account made;
    made.scheme = scheme;
    made.host = ctx.connection_string("host");
    if (!is_host(made.host)) refuse("the connection's 'host' is not the name of a host");
    made.security = read_security(from, usual_security);
    const bool smtp = scheme == "smtp";
    const bool tls = made.security == security_kind::tls;
    const std::int64_t usual_port = smtp ? (tls ? 465 : 587) : (tls ? 993 : 143);
    made.port = read_number(from, "port", usual_port, 65'535);
    made.patience_s = read_number(from, "answerSeconds", 0, 3'600);
    made.username = from.get_or("username", "");
    if (by_token) {
        read_token(ctx, made);
    } else {
        made.password = from.get_or("password", "");
    }
    made.authorities = from.get_or("ca", "");
    made.from = from.get_or("from", "");
    return made;
}

}  // namespace

std::string account::address() const {
    const bool bare_v6 = host.find(':') != std::string::npos;
    return scheme + (security == security_kind::tls ? "s://" : "://") +
           (bare_v6 ? "[" + host + "]" : host) + ":" + std::to_string(port) + "/";
}

account smtp_account(const context& ctx) { return read_account(ctx, "smtp", "starttls"); }

account imap_account(const context& ctx) {
    account made = read_account(ctx, "imap", "tls");
    if (made.username.empty()) refuse("the connection has no 'username'");
    return made;
}

}  // namespace sluice::mail
