#include "settings.hpp"

namespace sluice::sftp {
namespace {

// Numbers come as such, or as the text of a form.
unsigned number_field(const json& connection, std::string_view field, unsigned fallback,
                      unsigned highest) {
    const json& given = connection[field];
    if (given.is_null() || (given.is_string() && given.empty())) return fallback;
    std::int64_t number = 0;
    if (given.is_int64()) number = given.as_int64();
    if (given.is_string()) {
        const std::string& text = given.as_string();
        const bool digits = text.size() < 10 && text.find_first_not_of("0123456789") == text.npos;
        if (digits) number = std::stoll(text);
    }
    if (number < 1 || number > highest) {
        throw failure(SLUICE_INVALID_INPUT, "the connection's '" + std::string(field) +
                                                "' must be a whole number from 1 to " +
                                                std::to_string(highest));
    }
    return static_cast<unsigned>(number);
}

// libssh would read "user@host" as both; a line break could hide in what was pasted.
const std::string& host_field(const context& ctx) {
    const std::string& host = ctx.connection_string("host");
    for (const char c : host) {
        if (c == '@' || c == '/' || static_cast<unsigned char>(c) <= ' ') {
            throw failure(SLUICE_INVALID_INPUT,
                          "the connection's 'host' must be a name or an address alone");
        }
    }
    return host;
}

}  // namespace

settings read_settings(const context& ctx) {
    const json& connection = ctx.connection();
    settings read;
    read.host = host_field(ctx);
    read.port = number_field(connection, "port", 22, 65535);
    read.username = ctx.connection_string("username");
    read.timeout_seconds = number_field(connection, "timeoutSeconds", 30, 3600);
    read.host_keys = parse_pinned_keys(ctx.connection_string("hostKey"));
    if (connection.get_or("type", "") == "password") {
        read.password = ctx.connection_string("password");
    } else {
        read.private_key = ctx.connection_string("privateKey");
        read.passphrase = connection.get_or("passphrase", "");
    }
    return read;
}

std::string address_of(const settings& wanted) {
    return wanted.host + ":" + std::to_string(wanted.port);
}

}  // namespace sluice::sftp
