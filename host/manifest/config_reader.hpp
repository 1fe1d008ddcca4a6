// `config`, `pages` and `renamed` of a manifest. Inside the module only.
#pragma once

#include "manifest/cursor.hpp"
#include "manifest/integration.hpp"
#include "manifest/reading.hpp"

namespace sluice::manifest {

void read_config(const cursor& at, integration& into);
// After everything else of the manifest: the actions that give picklists their options.
void read_config_sources(const cursor& at, reading& shared, integration& into);

// `options` and `fields` of a variable.
void read_options(const cursor& at, config_declaration& into);
void read_fields(const cursor& at, config_declaration& into);

// The pages of the form, and the variables that had other names; `root` is the manifest.
void read_pages(const cursor& root, integration& into);
void read_renamed(const cursor& root, integration& into);

}  // namespace sluice::manifest
