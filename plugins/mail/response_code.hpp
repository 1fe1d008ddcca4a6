// What an IMAP server's refusal means by the code in its text (RFC 5530): "NO [CODE] text".
#pragma once

#include <sluice/failure.hpp>

#include <string_view>

namespace sluice::mail {

// `usual` when there is no code that says otherwise.
inline sluice_code code_of_response(std::string_view text, sluice_code usual) {
    const auto says = [&](const char* code) { return text.find(code) != text.npos; };
    if (says("[LIMIT]") || says("[OVERQUOTA]")) return SLUICE_RATE_LIMITED;
    if (says("[UNAVAILABLE]") || says("[INUSE]") || says("[SERVERBUG]")) return SLUICE_UNAVAILABLE;
    if (says("[AUTHENTICATIONFAILED]") || says("[AUTHORIZATIONFAILED]") || says("[NOPERM]")) {
        return SLUICE_AUTH;
    }
    if (says("[NONEXISTENT]") || says("[TRYCREATE]")) return SLUICE_NOT_FOUND;
    return usual;
}

}  // namespace sluice::mail
