#include "instance/owner_id.hpp"

namespace sluice::instance {
namespace {

constexpr std::string_view of_customer = "customer:";

std::string_view customer_in(std::string_view owner) {
    return owner.starts_with(of_customer) ? owner.substr(of_customer.size()) : std::string_view();
}

}  // namespace

std::string customer_owner(std::string_view customer) {
    return std::string(of_customer) + std::string(customer);
}

std::string owner_id(const manifest::owner_file& of) {
    return of.is_organization() ? organization_owner : customer_owner(of.customer);
}

bool is_shared_owner(std::string_view owner) { return owner.find(':') != std::string_view::npos; }

std::string owner_text(std::string_view owner) {
    if (owner == organization_owner) return "the organization";
    const std::string_view customer = customer_in(owner);
    if (!customer.empty()) return "customer \"" + std::string(customer) + '"';
    return "instance \"" + std::string(owner) + '"';
}

std::string owner_argument(std::string_view owner) {
    if (owner == organization_owner) return "--organization";
    const std::string_view customer = customer_in(owner);
    return customer.empty() ? std::string(owner) : "--customer " + std::string(customer);
}

std::string shared_text(std::string_view owner, const std::string& connection) {
    return (owner == organization_owner ? "organization/" : "customer/") + connection;
}

}  // namespace sluice::instance
