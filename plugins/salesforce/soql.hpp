// Queries in Salesforce's language whose values come from elsewhere.
#pragma once

#include <sluice/connector.hpp>
#include <string>
#include <string_view>

namespace sluice::salesforce {

// 'O\'Hara': a text as it may stand in a query. Whatever the text says, it stays one literal.
std::string text_literal(std::string_view text);

// Any value of the input: texts, numbers, true, false, null, lists of these ("(1, 2)"), and objects
// of one member: {"dateTime": "2026-01-31T12:00:00Z"}, {"date": "2026-01-31"},
// {"startsWith": "50%"} and {"contains": "a_b"} (for LIKE), {"name": "Size__c"} (of an object or a
// field). Anything else is SLUICE_INVALID_INPUT; `key` says where it stood.
std::string literal(const json& value, std::string_view key);

// A time as queries have it; from "2026-01-31T12:00:00.000+0000", as answers have it, too.
std::string time_literal(std::string_view time, std::string_view key);

// The query with each ":name" outside of its texts replaced by the parameter of that name. A name
// without parameter, a parameter without name and a text without end are SLUICE_INVALID_INPUT.
std::string bind_parameters(std::string_view query, const json& parameters);

// The input's "query" with its "parameters".
std::string bound_query(const json& input);

}  // namespace sluice::salesforce
