// /tokens: who may use this API.
#pragma once

#include "api/call.hpp"
#include "api/token.hpp"
#include "base/clock.hpp"
#include "instance/deployments.hpp"

namespace sluice::api {

// The name that a request gives to what it makes. invalid_input: one sentence for whoever asked.
base::result<std::string> read_name(const json::value& body);

// What a request to make a token asks for. invalid_input: one sentence for whoever asked.
base::result<token_facts> read_wanted_token(const json::value& body, base::clock& clock,
                                            const instance::deployments& deployed);

// By id, never the tokens themselves. Loop thread, as the following.
reply list_tokens(const call& what, const token_list& tokens);
// 201, with the token itself: the only time that it is shown.
void create_token(const call& what, token_list& tokens, base::clock& clock,
                  const instance::deployments& deployed, const answer_function& answer);
// 204. 409 for the last one that can administer the host.
void revoke_token(const call& what, token_list& tokens, const answer_function& answer);

}  // namespace sluice::api
