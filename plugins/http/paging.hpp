// Lists that come in pages: where the next one is. Four ways that APIs have.
#pragma once

#include <optional>
#include <sluice/connector.hpp>
#include <string>

#include "client.hpp"

namespace sluice::http {

// How a list is asked for and read, from the input of listPages.
class paging {
  public:
    explicit paging(const json& input);

    // The request for a page. `position`: null for the first one, else what next() gave.
    draft request(const client& api, const json& input, const json& position) const;
    // The items of an answer. Nothing there: none. SLUICE_INVALID_INPUT when it is no list.
    json items(const json& body) const;
    // Whether there is more now, as far as a flag in the answer says.
    bool says_more(const json& body) const;
    // Where the page after it is; null: there is none. A cursor stays when there is no more for
    // now: a later call goes on from it.
    json next(const client& api, const draft& asked, const json& position,
              const http_response& response, const json& body) const;

  private:
    enum class way { link, cursor, page, offset, none };

    void add_parameters(json& input, const json& position) const;
    json next_number(const json& position, std::size_t count) const;

    way by_ = way::link;
    std::string items_;             // path
    std::string next_cursor_;       // path
    std::string more_;              // path of a flag; empty: there is none
    std::string parameter_;         // name of the cursor, the page's number, or the offset
    std::string size_parameter_;    // empty: the server decides
    std::int64_t size_ = 0;         // 0: not known
    std::int64_t first_ = 0;        // number of the first page, or offset of the first item
    bool short_page_ends_ = false;  // one with fewer items than size_ is the last one
    bool in_body_ = false;          // parameters go into the JSON body, not into the query
};

// The address that a Link header calls rel="next"; nothing: it has none.
std::optional<std::string> next_link(std::string_view header);

}  // namespace sluice::http
