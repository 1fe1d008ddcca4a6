// A message as it came over the wire, taken apart by GMime.
#pragma once

#include <sluice/connector.hpp>
#include <sluice/temporary_file.hpp>

#include <string>

namespace sluice::mail {

// {messageId, from, to, cc, subject, date, inReplyTo} of a header.
json header_fields(const std::string& header);

// header_fields, and {headers, text, html, attachments: [{file, name, contentType, contentId}],
// truncated}. Whatever is broken in it is read as far as it goes. Attachments become blobs.
json read_message(const context& ctx, const temporary_file& message);

}  // namespace sluice::mail
