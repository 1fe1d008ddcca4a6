// Addresses: taken apart, compared, and put together below the one of a connection.
#pragma once

#include <optional>
#include <sluice/connector.hpp>
#include <string>
#include <string_view>

namespace sluice::http {

// "https://api.example.com:8443/v1/items?page=2". Whatever could be read in two ways (a user's name
// before the host, backslashes, spaces, control characters, other than ASCII) makes it none.
struct address {
    std::string scheme;  // lower case, as is the host
    std::string host;
    std::string port;        // empty: that of the scheme
    std::string path;        // begins with "/", or is empty
    std::string query = {};  // with its "?"; empty: none
    std::string text() const;
    std::string origin() const;
};
// Nothing: it is no such absolute address.
std::optional<address> parse_address(std::string_view text);

// Whether a path has no segments "." and "..", however they are written: it could leave the place
// below which it seems to be.
bool stays_in_place(std::string_view path);

// What a connection is for: its credentials go below this address, and nowhere else.
class base_address {
  public:
    // From the connection's "baseUrl"; SLUICE_INVALID_INPUT when it is none.
    explicit base_address(const std::string& text);

    // The address of an action's input: its "path" (text below the base, or a list of segments that
    // are encoded here) or its "url", and its "query". SLUICE_INVALID_INPUT when that is not below
    // the base.
    std::string of(const json& input) const;
    // The same for a reference that an answer gave ("?page=2", "/v1/items?page=2", a whole
    // address); `from` is the address that was asked.
    std::string of_reference(std::string_view reference, const std::string& from) const;
    // Where a reference leads to, wherever that is; nothing: nowhere.
    std::optional<address> resolved(std::string_view reference, const std::string& from) const;
    bool is_above(const address& target) const;
    const std::string& host() const noexcept { return base_.host; }

  private:
    std::string checked(const address& target) const;

    address base_;
};

// "?name=value" or "&name=value" at the end of an address, for each member that is not null; lists
// give one for each item. SLUICE_INVALID_INPUT for objects.
void add_query(std::string& to, const json& query);

// A text, number or flag as it stands in a query, a form or a header; SLUICE_INVALID_INPUT for
// others.
std::string plain_text(const json& content, std::string_view where);

}  // namespace sluice::http
