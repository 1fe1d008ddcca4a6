// A mail server and who we are there, from an action's connection.
#pragma once

#include <sluice/connector.hpp>

#include <string>

namespace sluice::mail {

enum class security_kind : unsigned char { tls, starttls, none };

// How long a server may say nothing, in seconds; to the end of a message (RFC 5321, 4.5.3.2.6).
constexpr std::int64_t usual_silence_s = 60;
constexpr std::int64_t usual_acceptance_s = 600;

struct account {
    std::string scheme;  // "smtp" or "imap"
    std::string host;
    std::int64_t port = 0;
    security_kind security = security_kind::tls;
    std::string username;  // empty: no login
    std::string password;
    std::string access_token;     // in place of a password
    std::string mechanism;        // how the token is shown: "XOAUTH2" or "OAUTHBEARER"
    std::string authorities;      // PEM; empty: the system's
    std::string from;             // smtp only
    std::int64_t patience_s = 0;  // 0: what is usual

    // How long the server may say nothing.
    std::int64_t answer_seconds(std::int64_t usual) const {
        return patience_s == 0 ? usual : patience_s;
    }

    bool by_token() const { return !access_token.empty(); }

    // For messages to people: without secrets.
    std::string name() const { return host + ":" + std::to_string(port); }
    std::string address() const;  // for libcurl
};

// SLUICE_INVALID_INPUT when the connection is of another type or lacks something.
account smtp_account(const context& ctx);
account imap_account(const context& ctx);

}  // namespace sluice::mail
