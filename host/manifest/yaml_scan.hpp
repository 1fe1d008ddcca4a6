// How far a text that is no YAML can be followed: its quotes, brackets and blocks. The parser says
// only where it gave up; what an author did wrong often stands before that. Inside the module only.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/document.hpp"

namespace sluice::manifest {

struct scanned_quote {
    char kind = '"';
    mark from;
    mark to;  // of the closing quote; line 0: it is never closed
};

struct scanned_bracket {
    char kind = '{';
    mark at;
};

// A list or the keys of one object, with the last item or key that was read.
struct scanned_block {
    bool list = false;
    int column = 1;
    int line = 1;
    std::string key;
    bool has_value = false;  // on the line of the key
};

// Text of a block that is neither a key nor an item.
struct scanned_text {
    mark at;
    std::string text;
};

struct yaml_scan {
    std::optional<mark> first_tab;  // of those that indent
    std::optional<scanned_quote> last_quote;
    std::vector<scanned_bracket> brackets;  // open ones, innermost last
    // As they are before the line at which the scan ends, innermost last.
    std::vector<scanned_block> blocks;
    std::optional<scanned_text> bare;  // when the line before is nothing else
};

// Follows `text` up to `until`, without it.
yaml_scan scan_yaml(std::string_view text, mark until);

// What one line of a block begins with.
struct line_start {
    std::vector<std::size_t> dashes;  // places of "- "
    std::size_t first = 0;            // of the first character that is no blank
    std::size_t content = 0;          // behind the dashes
    // Behind the dashes, when a key is there:
    std::string key;
    std::size_t colon = std::string_view::npos;
};
line_start start_of(std::string_view line);

// The end of the quoted text that begins at `from`, which holds a quote: the place of its closing
// quote, or npos.
std::size_t quote_end(std::string_view text, std::size_t from);

}  // namespace sluice::manifest
