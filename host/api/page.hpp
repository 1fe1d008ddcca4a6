// Query parameters and pages of lists: `{items, next}`, asked for by `limit` and `cursor`.
#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "json/value.hpp"

namespace sluice::api {

using query_parameters = std::map<std::string, std::string, std::less<>>;

// All parameters of a request. An unknown one is refused (invalid_input): a filter that is silently
// left out shows more than was asked for. So is one that is given twice.
base::result<query_parameters> read_query(std::string_view query,
                                          std::initializer_list<std::string_view> known);

// `limit` of 1 to 1000; 50 when it is not given.
base::result<int> read_limit(const query_parameters& from);

// "" for one that was not given.
std::string parameter(const query_parameters& from, std::string_view name);

// `next`: the cursor of the next page; empty: this is the last.
json::value page_of(json::value items, const std::string& next);

}  // namespace sluice::api
