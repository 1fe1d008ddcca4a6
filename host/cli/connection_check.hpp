#pragma once

#include <vector>

#include "base/error.hpp"
#include "manifest/instance_file.hpp"
#include "plugin/scan.hpp"

namespace sluice::cli {

// What the connections of an instance lack, by the descriptors of the connectors that are there.
std::vector<base::error> check_connection_fields(const manifest::instance_file& instance,
                                                 const manifest::integration& of,
                                                 const plugin::scan_result& connectors);

// The same of a customer or the organization, by the newest version of each connector.
std::vector<base::error> check_connection_fields(const manifest::owner_file& owner,
                                                 const plugin::scan_result& connectors);

}  // namespace sluice::cli
