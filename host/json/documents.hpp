// Several JSON documents in one text, with blanks or nothing between them.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.hpp"
#include "json/text.hpp"
#include "json/value.hpp"

namespace sluice::json {

class document_reader {
  public:
    // `text` must outlive the reader. A byte order mark at its start is passed over.
    explicit document_reader(std::string_view text, const parse_limits& limits = {});

    // Nothing but blanks is left.
    bool at_end() const { return at_ == text_.size(); }
    // The next document. The error's `where` is a place in the whole text; after an error the rest
    // of the text is not read.
    base::result<value> next();

  private:
    void skip_blanks();

    std::string_view text_;
    parse_limits limits_;
    std::size_t at_ = 0;
};

}  // namespace sluice::json
