// Reads what references of a file refer to. Inside the module only.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "json/value.hpp"
#include "manifest/applied_file.hpp"

namespace sluice::manifest {

class reference_values {
  public:
    // Both outlive it.
    reference_values(const applied_file& file, const environment& lookup)
        : file_(file), lookup_(lookup) {}

    // The value with every reference inside it replaced; `pointer` is its place in the file.
    // Blocks: reads files.
    json::value resolve(const json::value& content, const std::string& pointer);
    void note(const std::string& pointer, std::string message, std::string hint);

    std::vector<base::error> problems;  // each reference that cannot be read is one

  private:
    json::value read_variable(const std::string& name, const std::string& pointer);
    json::value read_file(const std::string& name, const std::string& pointer);
    json::value keep_text(std::string text, const std::string& what, const std::string& pointer);

    const applied_file& file_;
    const environment& lookup_;
};

}  // namespace sluice::manifest
