// Names of IMAP folders: UTF-8 here, modified UTF-7 there (RFC 3501, 5.1.3).
#pragma once

#include <string>
#include <string_view>

namespace sluice::mail {

// SLUICE_INVALID_INPUT when it is empty, not UTF-8, or has control characters.
std::string to_folder_name(std::string_view utf8);
// What cannot be read stays as it is.
std::string from_folder_name(std::string_view name);
// As a quoted string of a command.
std::string quoted(std::string_view text);

}  // namespace sluice::mail
