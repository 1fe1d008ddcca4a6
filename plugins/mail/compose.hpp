// Writes a message as it goes over the wire (RFC 5322, MIME), with GMime.
#pragma once

#include <sluice/connector.hpp>
#include <sluice/temporary_file.hpp>

#include <string>
#include <vector>

namespace sluice::mail {

struct composed {
    temporary_file bytes;    // with CRLF
    std::string message_id;  // with its angle brackets
    std::string sender;
    std::vector<std::string> recipients;  // of to, cc and bcc; each once
};

// `usual_from`: the sender when the input names none. Throws SLUICE_INVALID_INPUT.
composed compose(const context& ctx, const json& input, const std::string& usual_from);

}  // namespace sluice::mail
