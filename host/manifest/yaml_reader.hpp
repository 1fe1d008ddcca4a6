#pragma once

#include "manifest/document.hpp"

namespace sluice::manifest {

// Fills content and places of `into` from its text.
base::result<void> read_yaml(document& into);

}  // namespace sluice::manifest
