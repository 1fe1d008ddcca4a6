// deployments: customers, and who uses what they share.
#include <algorithm>

#include "instance/deployments.hpp"

namespace sluice::instance {

std::set<std::string> deployments::customers() const {
    std::set<std::string> out;
    for (const auto& [id, one] : owners_) {
        if (!one->file.is_organization()) out.insert(one->file.customer);
    }
    for (const auto& [name, one] : instances_)
        out.insert(one.kept->file.customer);
    return out;
}

bool deployments::has_customer(const std::string& name) const {
    return find_owner(customer_owner(name)) != nullptr ||
           std::any_of(instances_.begin(), instances_.end(),
                       [&](const auto& each) { return each.second.kept->file.customer == name; });
}

std::vector<std::string> deployments::instances_of(const std::string& customer) const {
    std::vector<std::string> out;
    for (const auto& [name, one] : instances_) {
        if (one.kept->file.customer == customer) out.push_back(name);
    }
    return out;
}

std::map<std::string, std::vector<std::string>> deployments::instances_by_customer() const {
    std::map<std::string, std::vector<std::string>> out;
    for (const auto& [name, one] : instances_)
        out[one.kept->file.customer].push_back(name);
    return out;
}

deployments::users_map deployments::users() const {
    users_map out;
    for (const auto& [instance, one] : instances_) {
        for (const auto& [own_name, given] : one.kept->file.connections) {
            const auto of = manifest::parse_shared(given.shared);
            if (!of) continue;
            std::vector<std::string>& its = out[{origin_of(one.kept->file, *of).owner, of->name}];
            // It may use one under two names.
            if (its.empty() || its.back() != instance) its.push_back(instance);
        }
    }
    return out;
}

}  // namespace sluice::instance
