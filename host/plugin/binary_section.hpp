// Reads a named section and the exported names out of a library file without loading it. The bytes
// are hostile: everything is checked against the file's size, and nothing is executed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace sluice::plugin {

enum class binary_format { elf64, pe32_plus };

struct binary_facts {
    binary_format format = binary_format::elf64;
    std::string machine;  // "x86-64", "arm64" or "machine 123"
    // Content of the wanted section without trailing NULs; a section of that name appears once.
    bool has_section = false;
    std::string section;
    // Names the library defines for others (ELF: global and weak symbols of default visibility;
    // PE: the export table), sorted.
    std::vector<std::string> exports;
    // ELF only: exported names of which a process has one for all its libraries, and the libraries
    // that the loader must find.
    std::vector<std::string> unique_symbols;
    std::vector<std::string> needed;
};

// `section`: at most 8 characters (PE cuts longer names). Errors: not a library, another format,
// damaged or cut off (`unavailable`, because a file that is still being copied looks like that).
base::result<binary_facts> read_binary(std::string_view bytes, std::string_view section);

// "x86-64" or "arm64": what this host can load.
std::string_view native_machine();

}  // namespace sluice::plugin
