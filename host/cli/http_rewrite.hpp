// Sends requests of chosen addresses somewhere else: for trying documents against a local stand-in.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "plugin/http_port.hpp"

namespace sluice::cli {

// "PREFIX=URL": what begins with PREFIX goes to URL plus the rest.
struct rewrite_rule {
    std::string prefix;
    std::string target;
    // Refuses rules without "=", and targets that are no URL.
    static base::result<rewrite_rule> parse(const std::string& text);
    // "host:port" of the target, for the allow list.
    std::string target_peer() const;
};

class http_rewrite final : public plugin::http_port {
  public:
    // The longest prefix that fits counts. `real` outlives it.
    http_rewrite(plugin::http_port& real, std::vector<rewrite_rule> rules)
        : real_(real), rules_(std::move(rules)) {}
    std::uint64_t send(net::client_request request, done finished) override;
    void cancel(std::uint64_t operation) override { real_.cancel(operation); }

  private:
    plugin::http_port& real_;
    std::vector<rewrite_rule> rules_;
};

}  // namespace sluice::cli
