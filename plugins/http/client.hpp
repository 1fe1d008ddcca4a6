// Requests with a connection: its address, its headers, its credentials; and what answers mean.
#pragma once

#include <cstdint>
#include <optional>
#include <sluice/connector.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "address.hpp"
#include "headers.hpp"

namespace sluice::http {

// A request that can still be changed.
struct draft {
    std::string method;
    std::string url;  // with the credentials that go into it
    header_list headers;
    std::uint32_t timeout_ms = 0;
    bool follow_redirects = false;
    bool is_below_base = true;  // also of the redirects so far
    // No body, bytes, or a file.
    std::string body;
    blob body_file;
    std::string content_type;  // empty: no body

    http_request made() const;
};

// Statuses that an action takes as an answer; all others are failures.
class expected_statuses {
  public:
    // From "expect": numbers, "2xx", "200-299"; without it 2xx.
    explicit expected_statuses(const json& input);
    bool has(unsigned status) const;

  private:
    std::vector<std::pair<unsigned, unsigned>> ranges_;
};

class client {
  public:
    explicit client(const context& call);

    // From the members of an action's input that all of them share: method, path or url, query,
    // headers, timeoutSeconds, followRedirects, idempotencyHeader.
    draft prepare(const json& input, std::string_view default_method) const;
    // The same at an address that base().of...() gave.
    draft prepare_at(const json& input, std::string_view default_method, std::string url) const;

    // An address that an answer gave, without a key that it may have copied from the request's
    // query: cursors are kept in the open.
    std::string without_credentials(const std::string& url) const;

    // Sends it and follows redirects, at most five, when it says so. Below the base address they
    // get the credentials; another place gets neither these nor the headers of the request, and
    // only a request without a body goes there. `asked` is then the request that was answered.
    // redirects.cpp
    task<http_response> send(draft& asked, bool to_file = false) const;

    const base_address& base() const noexcept { return base_; }
    const context& call() const noexcept { return call_; }
    // The failure for an answer that is not expected, with what it says in its details. `head`: the
    // beginning of a body that went to a file.
    failure refusal(const http_response& response, std::string_view head = {}) const;

  private:
    void add_credentials(draft& to) const;
    bool has_key_in_query() const;
    std::string with_key(std::string url) const;
    void redirect(draft& asked, unsigned status, std::string_view location) const;

    const context& call_;
    base_address base_;
};

// GET, HEAD and OPTIONS.
bool changes_nothing(std::string_view method);

// "GET", "POST", ...: upper case. SLUICE_INVALID_INPUT for what is none.
std::string method_of(const json& input, std::string_view fallback);

}  // namespace sluice::http
