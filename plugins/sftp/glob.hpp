#pragma once

#include <sluice/json.hpp>
#include <string>

namespace sluice::sftp {

// A pattern of the shell: * ? [a-z]. Names that begin with a point match only patterns that do.
class glob {
  public:
    // The input's "glob"; all names when missing.
    explicit glob(const json& input);
    bool matches(const std::string& name) const;

  private:
    std::string pattern_;
};

}  // namespace sluice::sftp
