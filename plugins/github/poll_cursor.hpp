// Where a polling action ended. For flows it is a text that means nothing to them.
#pragma once

#include <cstddef>
#include <set>
#include <sluice/json.hpp>
#include <string>

namespace sluice::github {

// The input's "cursor" as what poll_text made it of; null the first time. SLUICE_INVALID_INPUT when
// it is something else.
json read_poll_cursor(const json& input);

json poll_text(const json& cursor);

// Whether the first call gives what is there already (`start: existing`) or nothing (`now`).
bool starts_with_existing(const json& input);

std::set<std::string> texts_of(const json& list);

// "ID:HASH": tells also versions of something apart.
std::string version_of(const json& item);

}  // namespace sluice::github
