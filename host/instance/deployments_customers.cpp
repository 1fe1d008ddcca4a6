// deployments: customers, and who uses what they share.
#include <algorithm>

#include "instance/deployments.hpp"

namespace sluice::instance {

std::set<std::string> deployments::customers() const {
    std::set<std::string> out;
    for (const auto& [id, one] : owners_) {
        if (!one->file.is_organization()) out.insert(one->file.customer);
    }
    each_kept([&](const kept_instance& one) { out.insert(one.file.customer); });
    return out;
}

bool deployments::has_customer(const std::string& name) const {
    return find_owner(customer_owner(name)) != nullptr || !instances_of(name).empty();
}

std::vector<std::string> deployments::instances_of(const std::string& customer) const {
    std::vector<std::string> out;
    each_kept([&](const kept_instance& one) {
        if (one.file.customer == customer) out.push_back(one.file.name);
    });
    std::sort(out.begin(), out.end());
    return out;
}

std::map<std::string, std::vector<std::string>> deployments::instances_by_customer() const {
    std::map<std::string, std::vector<std::string>> out;
    each_kept([&](const kept_instance& one) { out[one.file.customer].push_back(one.file.name); });
    for (auto& [customer, its] : out)
        std::sort(its.begin(), its.end());
    return out;
}

deployments::users_map deployments::users() const {
    users_map out;
    each_kept([&](const kept_instance& one) {
        for (const auto& [own_name, given] : one.file.connections) {
            const auto of = manifest::parse_shared(given.shared);
            if (!of) continue;
            std::vector<std::string>& its = out[{origin_of(one.file, *of).owner, of->name}];
            // It may use one under two names.
            if (its.empty() || its.back() != one.file.name) its.push_back(one.file.name);
        }
    });
    for (auto& [which, its] : out)
        std::sort(its.begin(), its.end());
    return out;
}

}  // namespace sluice::instance
