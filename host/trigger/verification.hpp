// The rules of webhook.verify: which actions may decide whether a request is genuine, in whose name
// they are called, and what their answers mean.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "engine/ports.hpp"
#include "plugin/descriptor.hpp"
#include "store/store.hpp"

namespace sluice::trigger {

// What a call would use now: the newest version that `wanted` (null: any) accepts; null when there
// is none. Loop thread.
using connector_lookup = std::function<std::shared_ptr<const plugin::descriptor>(
    const std::string& connector, const manifest::version_constraint* wanted)>;

// The connector to pin for a verifying call ("github 0.1.0"), empty when there is none (the call
// then says so). Refused unless its action has the flag `verifier`: any other action that happens
// to succeed would let every request in.
base::result<std::string> choose_verifier(const connector_lookup& describe,
                                          const engine::connector_call& call,
                                          const std::string& action);

// Whether the flow, or one of those that it chooses between, has a verifier that takes GET
// requests, too: senders that ask whether an address is theirs.
bool shakes_hands(const connector_lookup& describe, const engine::bound_flow& flow);

// No event exists yet, so the call gets an id of its own: blobs of different requests stay apart.
// Whoever starts the call forgets that id afterwards.
base::result<plugin::call_scope> verification_scope(store::store& store, base::id_generator& ids,
                                                    const engine::bound_flow& flow);

// Ok when the request is genuine. A verifier refuses with an error or with "verified": false.
base::result<void> verdict_of(const engine::connector_reply& reply);

// Whether the request itself was at fault, and not the connector or the machine.
bool speaks_against_the_sender(const base::error& refusal);

}  // namespace sluice::trigger
