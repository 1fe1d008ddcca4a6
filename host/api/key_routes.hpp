// /instances/{name}/keys: who may send to an instance's webhooks.
#pragma once

#include "api/call.hpp"
#include "instance/deployments.hpp"
#include "instance/endpoint_keys.hpp"

namespace sluice::api {

// By id, never the keys themselves. Loop thread, as the following.
reply list_keys(const call& what, const instance::endpoint_keys& keys);
// 201, with the key itself: the only time that it is shown; and whether a webhook of the instance
// asks for keys at all.
void create_key(const call& what, instance::endpoint_keys& keys,
                const instance::deployments& deployed, const answer_function& answer);
// 204.
void revoke_key(const call& what, instance::endpoint_keys& keys, const answer_function& answer);

}  // namespace sluice::api
