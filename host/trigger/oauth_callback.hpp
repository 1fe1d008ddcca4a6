// GET /oauth/callback: where a provider sends the browser of a person who has authorized a
// connection.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string_view>

#include "instance/authorizations.hpp"
#include "net/http_types.hpp"

namespace sluice::trigger {

// Loop thread.
class oauth_callback {
  public:
    using finish_function = std::function<void(instance::authorizations::answer,
                                               const instance::authorizations::done&)>;
    explicit oauth_callback(finish_function finish) : finish_(std::move(finish)) {}

    static bool is_here(std::string_view path) { return path == "/oauth/callback"; }
    std::optional<net::http_response> on_head(const net::http_request_head& head) const;
    // Answers with a page for the person.
    void on_request(const net::http_request& request, net::responder answer);

  private:
    finish_function finish_;
    std::size_t under_way_ = 0;  // exchanges with providers
};

}  // namespace sluice::trigger
