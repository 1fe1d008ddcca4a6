// Answers to the senders of webhooks.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "net/http_types.hpp"
#include "store/types.hpp"

namespace sluice::trigger {

// With Retry-After: the same request may succeed later.
net::http_response overload(int status, std::string_view detail);

// What a sender is told when its request could not be verified. Nothing about why a signature was
// refused: that helps only those who try to forge one.
net::http_response refusal_of(const base::error& why);

net::http_response no_such_webhook();
// 405: the method is none of a webhook.
net::http_response only_post();

// 503: the instance is paused.
net::http_response paused();
// 503: the instance is known and cannot run at the moment.
net::http_response not_running();

// 202: the execution goes on, and `address` tells what becomes of it.
net::http_response accepted_reply(store::event_id id, const std::string& address);

// What became of the events of one request: 202 with {"executions": [...]} as above, 200 when all
// of them were here before. 503 when one is refused.
net::http_response reply_to(const std::vector<store::append_outcome>& outcomes,
                            const std::function<std::string(store::event_id)>& address_of);
// The same for several that are kept nowhere, and have ended.
net::http_response all_done();

// What became of an event. `address` is that of the execution the outcome names.
net::http_response reply_to(const store::append_outcome& outcome, const std::string& address);

}  // namespace sluice::trigger
