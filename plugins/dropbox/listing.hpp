// Lists of entries as actions give them.
#pragma once

#include <sluice/json.hpp>

namespace sluice::dropbox {

// The argument of list_folder and of list_folder/get_latest_cursor.
json listing_argument(const json& input);

// {items, cursor, more} out of a page of list_folder. Of the entries, those stay whose ".tag" the
// input's "kinds" names; all without it.
json page_of_entries(const json& found, const json& input);

}  // namespace sluice::dropbox
