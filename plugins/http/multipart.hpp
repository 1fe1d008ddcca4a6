// A file as part of a form (multipart/form-data, RFC 7578).
#pragma once

#include <sluice/connector.hpp>
#include <string>

namespace sluice::http {

struct multipart {
    blob body;
    std::string content_type;  // with the boundary
};

// The members of "fields", then the file as the part "field" (default "file") with "fileName"
// (default: the field's name). Copied in pieces into a blob of its own, as a request has one body.
task<multipart> multipart_of(const context& call, const json& input, blob file, std::string type);

}  // namespace sluice::http
