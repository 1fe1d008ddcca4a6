// Whose it is what the host keeps: an instance under its name, a customer or the organization under
// a name that no instance can have (instances are called [a-z0-9-]+).
#pragma once

#include <string>
#include <string_view>

#include "manifest/owner_file.hpp"

namespace sluice::instance {

inline constexpr const char* organization_owner = "organization:";
std::string customer_owner(std::string_view customer);
std::string owner_id(const manifest::owner_file& of);

// Whether it is a customer or the organization.
bool is_shared_owner(std::string_view owner);

// `instance "acme"`, `customer "acme"`, `the organization`
std::string owner_text(std::string_view owner);
// As the commands take it: `acme`, `--customer acme`, `--organization`
std::string owner_argument(std::string_view owner);
// As an instance's file writes a connection of it: `customer/crm`, `organization/crm`
std::string shared_text(std::string_view owner, const std::string& connection);

}  // namespace sluice::instance
