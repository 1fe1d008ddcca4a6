// Which request goes where, and the one place that decides whether its token allows it.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "api/audit.hpp"
#include "api/call.hpp"
#include "api/token.hpp"
#include "base/clock.hpp"
#include "base/event_loop.hpp"
#include "instance/deployments.hpp"
#include "net/http_types.hpp"
#include "store/store.hpp"

namespace sluice::api {

inline constexpr std::string_view path_prefix = "/api/v1";

// Whose object a request is about; decides what a bound token gets.
enum class concerns {
    host,          // the whole host: 403 for a bound token
    tenants,       // a list: the handler shows what call::view sees
    instance,      // {name}: 404 unless it is deployed and seen
    customer,      // {name}: 404 unless it is known and seen
    organization,  // 404 for a bound token
    execution,     // {id}: 404 unless the store has it and its instance is seen
};

struct route {
    std::string method;
    std::string pattern;         // after the prefix: "/executions/{id}"
    std::optional<scope> needs;  // nothing: open to everyone, without a token
    concerns about = concerns::host;
    std::function<void(const call&, answer_function)> run;

    // A change is written to the audit log, before it is done and after.
    bool changes() const { return method != "GET"; }
};

// Everything here outlives the router.
struct router_ports {
    base::event_loop& loop;
    base::clock& clock;
    store::store& store;
    instance::deployments& deployments;
    token_list& tokens;
    audit_log& audit;
    // Runs work that blocks on disk somewhere else than on the loop.
    std::function<void(std::function<void()>)> run_blocking;
};

// Loop thread. No token or a wrong one: 401, whatever the path. Then, in this order: no such path
// 404, another method 405, scope missing or the token bound where the whole host is concerned 403,
// an object of another tenant 404, to the letter as if it were not there.
class router {
  public:
    router(router_ports ports, std::vector<route> routes);

    // Before the body is read.
    std::optional<net::http_response> on_head(const net::http_request_head& head) const;
    void on_request(const net::http_request& request, net::responder answer);

    const std::vector<route>& routes() const { return routes_; }

  private:
    struct admitted {
        const route* to = nullptr;
        call what;
    };
    using decision = std::variant<net::http_response, admitted>;

    decision decide(const net::http_request_head& head) const;
    // Whether the caller sees what the path names; of executions the store knows more.
    bool is_there(const admitted& one) const;
    void find_object(std::shared_ptr<admitted> one, const answer_function& answer);
    answer_function audited(const std::string& id, const answer_function& answer);

    router_ports ports_;
    std::vector<route> routes_;
    std::size_t under_way_ = 0;
};

}  // namespace sluice::api
