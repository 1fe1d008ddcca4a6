// The admin API: tokens, audit log and every route under /api/v1, described by docs/openapi.json.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "api/audit.hpp"
#include "api/executions.hpp"
#include "api/log_book.hpp"
#include "api/ports.hpp"
#include "api/redrives.hpp"
#include "api/router.hpp"
#include "api/token.hpp"
#include "base/random.hpp"
#include "instance/option_lists.hpp"
#include "net/http_types.hpp"

namespace sluice::api {

// docs/openapi.json, as this program was built with it.
std::string_view openapi_text();

// Loop thread (open(): before the loop runs).
class admin_api {
  public:
    admin_api(api_ports ports, base::random_source& random);
    admin_api(const admin_api&) = delete;
    admin_api& operator=(const admin_api&) = delete;

    // Reads the tokens. When none of them can administer the host (the first start, or all have
    // expired), makes one and gives it, to be shown once. Blocks.
    // `another`: also when some can.
    base::result<std::optional<base::secret>> open(bool another = false);

    std::optional<net::http_response> on_head(const net::http_request_head& head) const {
        return router_->on_head(head);
    }
    void on_request(const net::http_request& request, net::responder answer) {
        router_->on_request(request, std::move(answer));
    }
    // For what stands beside the API.
    token_list& tokens() { return tokens_; }
    log_book& logs() { return logs_; }

    const std::vector<route>& routes() const { return router_->routes(); }

  private:
    std::vector<route> all_routes();
    using owner_function = std::function<std::string(const call&)>;
    // The same ones below each kind of owner.
    void add_connection_routes(std::vector<route>& to, const std::string& below, concerns about,
                               const owner_function& owner_of);
    void add_customer_routes(std::vector<route>& to);
    void health(const answer_function& answer);
    void doctor(const answer_function& answer);
    void audit_page(const call& what, const answer_function& answer);

    api_ports ports_;
    token_list tokens_;
    audit_log audit_;
    executions executions_;
    redrives redrives_;
    log_book logs_;
    instance::option_lists options_;
    std::unique_ptr<router> router_;
};

}  // namespace sluice::api
