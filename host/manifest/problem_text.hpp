// Problems for people: with the line of the file and a caret below the column.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace sluice::manifest {

// Reads each file once. Not thread-safe.
class problem_printer {
  public:
    // "KIND: file:line:column: message (hint)", and below it, when the line can be read:
    //       8 |       - one: { call: ap.save }
    //         |                      ^
    // Ends with a line break.
    std::string print(std::string_view kind, const base::error& problem);

    // The text of a file that is not on disk.
    void add_text(const std::string& file, std::string text);

  private:
    std::string line_of(const base::source_position& where);

    std::map<std::string, std::string, std::less<>> texts_;
};

}  // namespace sluice::manifest
