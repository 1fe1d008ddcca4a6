#include "cli/read_manifest.hpp"

#include <cstdio>
#include <utility>

#include "manifest/load.hpp"
#include "manifest/problem_text.hpp"

namespace sluice::cli {

std::optional<manifest::integration> read_manifest(const std::filesystem::path& file) {
    auto loaded = manifest::load_integration(file);
    if (loaded.content) return std::move(loaded.content);
    manifest::problem_printer printer;
    for (const base::error& one : loaded.problems)
        std::fputs(printer.print("error", one).c_str(), stderr);
    return std::nullopt;
}

}  // namespace sluice::cli
