// Which fields of connections are secret, as the connectors that are there say.
#pragma once

#include <memory>
#include <vector>

#include "instance/bind.hpp"
#include "plugin/connector.hpp"

namespace sluice::cli {

// What they say now (registry::all()); the result is for any thread.
instance::secret_fields secret_fields_of(
    const std::vector<std::shared_ptr<plugin::connector>>& connectors);

}  // namespace sluice::cli
