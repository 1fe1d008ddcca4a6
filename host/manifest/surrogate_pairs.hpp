// "\ud83d\ude00" in quoted YAML. JSON writes characters above U+FFFF so, and YAML 1.2 means to read
// all JSON; its parser knows \U0001F600 alone.
#pragma once

#include <string>
#include <string_view>

namespace sluice::manifest {

// For the parser, pairs are written with a character that the text does not have in place of each
// "\u". That takes as many bytes, so that every place in the text stays where it is.
class surrogate_pairs {
  public:
    explicit surrogate_pairs(std::string_view text);

    // What the parser reads.
    const std::string& text() const { return text_; }
    // What a scalar says that was read from there: a character for each pair inside "...",
    // elsewhere what was written.
    std::string restored(const std::string& scalar, bool in_double_quotes) const;

  private:
    std::string text_;
    std::string stand_in_;  // two bytes; empty: there are no pairs
};

}  // namespace sluice::manifest
