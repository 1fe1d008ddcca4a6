// Which instances and customers a caller may see: the one rule about tenants.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/token.hpp"
#include "instance/deployments.hpp"

namespace sluice::api {

class tenant_view {
  public:
    tenant_view() = default;  // nothing
    // A token of a customer sees the instances that are deployed for it at the moment.
    tenant_view(const token_facts& caller, const instance::deployments& deployed);

    bool sees(std::string_view instance) const;
    // Whether its record and its shared connections are the caller's: those of one that is bound to
    // an instance are not, those of one that is bound to the customer are.
    bool sees_customer(std::string_view customer) const;
    bool sees_organization() const { return !instances_; }
    // Nothing: all instances, those that are not deployed any more included.
    const std::optional<std::vector<std::string>>& instances() const { return instances_; }
    // Those of them that belong to a customer.
    std::vector<std::string> of_customer(std::string_view customer,
                                         const instance::deployments& deployed) const;

  private:
    std::optional<std::vector<std::string>> instances_ = std::vector<std::string>();
    std::string customer_;  // that the token is bound to; empty: none
};

}  // namespace sluice::api
