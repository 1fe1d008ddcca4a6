// Small questions about texts and JSON that the actions share.
#pragma once

#include <sluice/connector.hpp>
#include <string>
#include <string_view>

namespace sluice::http {

bool is_utf8(std::string_view bytes) noexcept;

// "application/json" of "Application/JSON; charset=utf-8".
std::string media_type(std::string_view content_type);
bool is_json_type(std::string_view media_type) noexcept;
// Whether it is meant to be read as text: text/*, XML, JavaScript, forms.
bool is_text_type(std::string_view media_type) noexcept;

// What stands at "data.items" or ".data.items": names of members, and numbers for items of lists.
// Empty or ".": the value itself. Null: nothing is there.
const json& at_path(const json& of, std::string_view path) noexcept;

}  // namespace sluice::http
