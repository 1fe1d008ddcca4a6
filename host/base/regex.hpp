// Regular expressions by Oniguruma, bounded: a pattern that a person wrote meets text that anybody
// sent.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace sluice::base {

struct regex_options {
    bool ignore_case = false;
    bool extended = false;        // white space and comments in the pattern do not count
    bool multi_line = false;      // "." matches a newline, too
    bool single_line = false;     // "^" is the start and "$" the end of the whole text
    bool find_longest = false;    // of several matches at a place the longest
    bool find_not_empty = false;  // no empty matches
};

// Where a group matched, in bytes of the text; [0] is the whole match.
struct regex_match {
    struct group {
        std::size_t begin = 0;
        std::size_t size = 0;
        bool matched = false;
    };
    std::vector<group> groups;
};

// A compiled pattern in Perl's syntax with named groups. Immutable; may be shared by threads.
class regex {
  public:
    // Refuses what is no pattern with Oniguruma's own words. `pattern` is UTF-8.
    static result<regex> compile(std::string_view pattern, const regex_options& options = {});

    // The first match at or after byte `start`, which must be the start of a character or the end.
    // No match is an empty optional. A search that needs more than `retry_limit` steps back is an
    // error (code timeout). `text` is valid UTF-8.
    result<std::optional<regex_match>> search(std::string_view text, std::size_t start = 0,
                                              std::uint64_t retry_limit = 1'000'000) const;

    // The number of each named group, in the order of the pattern.
    const std::vector<std::pair<std::string, std::size_t>>& names() const { return names_; }

  private:
    regex() = default;
    std::shared_ptr<void> code_;
    std::vector<std::pair<std::string, std::size_t>> names_;
};

}  // namespace sluice::base
