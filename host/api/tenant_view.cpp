#include "api/tenant_view.hpp"

#include <algorithm>

namespace sluice::api {

tenant_view::tenant_view(const token_facts& caller, const instance::deployments& deployed) {
    if (!caller.bound()) {
        instances_.reset();
    } else if (!caller.instance.empty()) {
        instances_->push_back(caller.instance);
    } else {
        customer_ = caller.customer;
        for (const instance::deployed_instance& one : deployed.instances()) {
            if (one.customer == caller.customer) instances_->push_back(one.name);
        }
    }
}

bool tenant_view::sees(std::string_view instance) const {
    return !instances_ ||
           std::find(instances_->begin(), instances_->end(), instance) != instances_->end();
}

bool tenant_view::sees_customer(std::string_view customer) const {
    return !instances_ || (!customer_.empty() && customer_ == customer);
}

std::vector<std::string> tenant_view::of_customer(std::string_view customer,
                                                  const instance::deployments& deployed) const {
    std::vector<std::string> out;
    for (const instance::deployed_instance& one : deployed.instances()) {
        if (one.customer == customer && sees(one.name)) out.push_back(one.name);
    }
    return out;
}

}  // namespace sluice::api
