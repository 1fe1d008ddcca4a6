// What Salesforce's refusals mean to the host.
#pragma once

#include <sluice/failure.hpp>
#include <sluice/http.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::salesforce {

// What one of Salesforce's error codes ("UNABLE_TO_LOCK_ROW") means; `otherwise` when it says
// nothing that the status does not say.
sluice_code meaning_of(std::string_view error_code, sluice_code otherwise);

// Whether the same request may work later as it is.
bool is_worth_repeating(std::string_view error_code);

// The same for each of the parts of one request, by their error codes (empty: it worked). Parts
// that were undone because another one failed share that one's fate: they are worth repeating when
// all that failed by themselves are.
std::vector<bool> worth_repeating(const std::vector<std::string>& error_codes);

// The failure for an answer with a status other than 2xx, or for the text of such an answer that
// came as a file. Its details hold Salesforce's own "errors".
failure refusal(const http_response& response);
failure refusal(const http_response& response, std::string_view body);

// Whether it is such a failure, for this reason ("ENTITY_IS_DELETED").
bool is_refusal(const failure& why, std::string_view error_code);

}  // namespace sluice::salesforce
