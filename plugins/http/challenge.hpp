// Requests by which a sender asks whether an address is theirs: it wants a word of its own back.
#pragma once

#include <optional>
#include <sluice/connector.hpp>
#include <string>

namespace sluice::http {

// What a verifier says so that the host gives the word back, and starts nothing.
json answer(const std::string& word);

// Whether the input's "challenge" says how to answer a GET. SLUICE_INVALID_INPUT when there is one
// that says nothing at all.
bool asks_by_get(const json& input);
// The answer to such a GET ("hub.challenge"): only whoever sends the token is given its word back;
// SLUICE_AUTH for others.
json answer_to_get(const json& input);

// The word in the JSON body of a POST, at the path "body" of "challenge", when the body has what
// "when" says; nothing: it is an event like any other. The signature must have been checked before:
// this is no proof.
std::optional<std::string> word_of_post(const json& input);

}  // namespace sluice::http
