// What Dropbox's refusals mean to the host.
#pragma once

#include <sluice/failure.hpp>
#include <sluice/http.hpp>
#include <sluice/json.hpp>
#include <string>
#include <string_view>

namespace sluice::dropbox {

// Why Dropbox refused (status 409): the tags of its error, outermost first.
struct reason {
    std::string tags;  // "path/conflict/folder"; empty: it was no such refusal
    json error;        // Dropbox's own "error"

    // Whether the tags begin with these: begins("path/not_found").
    bool begins(std::string_view prefix) const;
};

reason reason_of(const http_response& response);

// The failure for an answer with a status other than 2xx. Its details hold Dropbox's own
// "error_summary", "error" and request id.
failure refusal(const http_response& response);

}  // namespace sluice::dropbox
