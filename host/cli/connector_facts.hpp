#pragma once

#include <memory>
#include <vector>

#include "manifest/connector_catalog.hpp"
#include "plugin/connector.hpp"
#include "plugin/scan.hpp"

namespace sluice::cli {

// What the loader of manifests wants to know of the connectors in a folder.
manifest::connector_catalog connector_facts(const plugin::scan_result& scan);
// The same of those that a running host has.
manifest::connector_catalog connector_facts(
    const std::vector<std::shared_ptr<plugin::connector>>& all);

}  // namespace sluice::cli
