// What a third party answers in a connector's test, and what it was asked.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sluice/failure.hpp"
#include "sluice/json.hpp"

namespace sluice::testing {

using header_list = std::vector<std::pair<std::string, std::string>>;

// A request that the connector sent.
struct recorded_request {
    std::string method;
    std::string url;
    header_list headers;
    std::string body;  // also the bytes of a body blob
    std::uint32_t timeout_ms = 0;
    std::uint32_t flags = 0;

    // The first header of that name in any case, or empty.
    std::string_view header(std::string_view name) const;
    // Throws json_error.
    json body_json() const { return json::parse(body); }
};

// Answers to requests of one method and URL: one after the other, the last one again and again.
// URLs are compared as they are; a rule's URL that ends with '*' matches every URL that begins with
// what stands before it.
class http_rule {
  public:
    http_rule(std::string method, std::string url)
        : method_(std::move(method)), url_(std::move(url)) {}

    http_rule& reply(unsigned status, std::string body, header_list headers = {});
    // No answer: SLUICE_UNAVAILABLE, SLUICE_TIMEOUT, ...
    http_rule& fail(sluice_code code, std::string message);
    // The latest answer takes that long, in virtual time.
    http_rule& after_ms(std::uint64_t delay);
    // Only requests for which this holds.
    http_rule& when(std::function<bool(const recorded_request&)> condition);

    struct answer {
        unsigned status = 0;
        std::string body;
        header_list headers;
        std::uint64_t delay_ms = 0;
        std::optional<failure> error;
    };
    // For the mock host.
    bool matches(const recorded_request& request) const;
    std::optional<answer> take_answer();  // nothing: it has none

  private:
    std::string method_;
    std::string url_;
    std::function<bool(const recorded_request&)> condition_;
    std::deque<answer> answers_;
};

}  // namespace sluice::testing
