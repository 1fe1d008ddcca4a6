// GitHub's proof that a webhook request is its own: HMAC-SHA256 over the raw body.
#pragma once

#include <sluice/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::github {

// The bytes as they were received: "body", or "bodyBase64" when they are not UTF-8.
// SLUICE_INVALID_INPUT when the request has neither.
std::string raw_body(const json& request);

// The input's "secret", or "secrets" while one is being replaced by another. Missing and empty ones
// are left out, because anybody can sign with nothing; SLUICE_INVALID_INPUT when none remains.
std::vector<std::string> secrets(const json& input);

// Whether `signature` ("sha256=" and 64 hexadecimal digits) belongs to the body and one of the
// secrets. Takes as long for a wrong signature as for a right one.
bool is_signed(std::string_view body, std::string_view signature,
               const std::vector<std::string>& secrets);

}  // namespace sluice::github
