// Lists that GitHub gives in pages.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <sluice/connector.hpp>
#include <string>
#include <string_view>

#include "api.hpp"

namespace sluice::github {

// The query of the address that a Link header calls rel="next"; nothing when there is none.
// Only the query is taken: the token never goes to an address that an answer names.
std::optional<std::string> next_query(std::string_view link_header);

// One run over a list: from the beginning, or from where an earlier run stopped.
class pages {
  public:
    // Reads "limit" (1 to 1000, or the default) and "cursor" from the input.
    // `first` is the address of the list with its filters; `member` is where an answer holds the
    // list when it is not one itself.
    pages(const api& source, const url& first, const json& input, std::int64_t default_limit = 100,
          std::string member = {});

    // The next page, an array; SLUICE_UNAVAILABLE when the answer is something else.
    task<json> next();
    // Whether there is one that still fits under the limit.
    bool more() const;
    // Where a later run goes on; null at the end of the list.
    json cursor() const;
    // What the last answer held beside its list.
    const json& last_answer() const { return answer_; }
    // Whether GitHub gave up before it had looked everywhere, on one of the pages; nothing where it
    // does not say.
    const std::optional<bool>& incomplete() const { return incomplete_; }
    // Nothing further is wanted.
    void stop() { next_.reset(); }

  private:
    const api& source_;
    std::string list_;                 // address without a query
    std::optional<std::string> next_;  // query of the next page
    std::size_t limit_;
    std::size_t taken_ = 0;
    std::size_t last_page_ = 0;
    std::size_t bytes_ = 0;
    std::string member_;
    json answer_;
    std::optional<bool> incomplete_;
};

// Everything up to the limit: {name: [...], "nextCursor": cursor or null}. Items for which `keep`
// is false are left out.
task<json> collect(pages list, std::string_view name, std::function<bool(const json&)> keep = {});

// The same as {items: [...], cursor, more}; with `total` how many there are and whether that is
// `incomplete`, where GitHub says so.
task<json> collect_items(pages list, std::function<bool(const json&)> keep = {});

}  // namespace sluice::github
