// `sluice run --file NAME=PATH`: files of this machine that an offline flow gets as handles.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "json/value.hpp"
#include "plugin/blob_registry.hpp"

namespace sluice::cli {

class given_files {
  public:
    // Copies each file for the execution. Blocks. Errors: invalid_input, a text that is no
    // NAME=PATH, or a name that is there twice; those of reading the file.
    static base::result<given_files> read(const std::vector<std::string>& texts,
                                          plugin::blob_registry& into, store::event_id execution);

    // `from` with the handle of a file in place of each `{"$blob": NAME}`. Other members of it
    // stay, but the size is the file's.
    json::value put_into(const json::value& from);
    // What put_into() has not met.
    std::vector<std::string> unused() const;

  private:
    struct given {
        json::value handle;
        bool used = false;
    };
    std::map<std::string, given, std::less<>> files_;
};

}  // namespace sluice::cli
