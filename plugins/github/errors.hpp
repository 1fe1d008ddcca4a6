// What GitHub's refusals mean to the host.
#pragma once

#include <sluice/failure.hpp>
#include <sluice/http.hpp>

namespace sluice::github {

// The failure for an answer with a status other than 2xx. Its details hold GitHub's own "errors"
// and "documentation_url" when there are some.
failure refusal(const http_response& response);

}  // namespace sluice::github
