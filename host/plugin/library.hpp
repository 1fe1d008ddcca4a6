// A loaded connector library: mapped for the rest of the process's life, never unloaded.
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "base/result.hpp"
#include "plugin/descriptor.hpp"
#include "sluice/abi.h"

namespace sluice::plugin {

// The table as checked against the descriptor. All pointers lead into the library.
struct library {
    const sluice_connector* table = nullptr;
    std::vector<const sluice_action*> actions;  // by position; stride already applied
    // Of a table that is not a library's (isolated_connector.hpp): keeps it, and is what its `open`
    // expects in *self.
    std::shared_ptr<void> owner;

    const sluice_action* find(std::string_view action) const;
};

// Maps the file (all symbols resolved now, none shared), calls the entry function and checks what
// it returns: version, sizes, ids and flags against `expected`, both ways. Does not call open.
// The error carries the system's own reason. Blocks; one load of a file at a time.
base::result<library> load_library(const std::filesystem::path& file, const descriptor& expected);

// The checks of the table alone.
base::result<library> check_table(const sluice_connector* table, const descriptor& expected);

}  // namespace sluice::plugin
