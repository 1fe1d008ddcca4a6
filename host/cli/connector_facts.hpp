#pragma once

#include "manifest/connector_catalog.hpp"
#include "plugin/scan.hpp"

namespace sluice::cli {

// What the loader of manifests wants to know of the connectors in a folder.
manifest::connector_catalog connector_facts(const plugin::scan_result& scan);

}  // namespace sluice::cli
