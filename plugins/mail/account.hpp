// A mail server and who we are there, from an action's connection.
#pragma once

#include <sluice/connector.hpp>

#include <string>

namespace sluice::mail {

enum class security_kind : unsigned char { tls, starttls, none };

struct account {
    std::string scheme;  // "smtp" or "imap"
    std::string host;
    std::int64_t port = 0;
    security_kind security = security_kind::tls;
    std::string username;  // empty: no login
    std::string password;
    std::string authorities;  // PEM; empty: the system's
    std::string from;         // smtp only

    // For messages to people: without secrets.
    std::string name() const { return host + ":" + std::to_string(port); }
    std::string address() const;  // for libcurl
};

// SLUICE_INVALID_INPUT when the connection is of another type or lacks something.
account smtp_account(const context& ctx);
account imap_account(const context& ctx);

}  // namespace sluice::mail
