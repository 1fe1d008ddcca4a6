// /executions: what happened to events.
#pragma once

#include "api/call.hpp"
#include "api/ports.hpp"

namespace sluice::api {

// Loop thread.
class executions {
  public:
    explicit executions(api_ports ports) : ports_(std::move(ports)) {}

    // Newest first. Filters: instance, customer, flow, state, from and to (RFC 3339), text.
    void list(const call& what, const answer_function& answer);
    void show(const call& what, const answer_function& answer);
    // 202: its end is on its way. 409: it is over.
    void cancel(const call& what, const answer_function& answer);

  private:
    api_ports ports_;
};

}  // namespace sluice::api
