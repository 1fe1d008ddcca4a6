#include "instance/single_call.hpp"

#include <utility>

#include "json/text.hpp"

namespace sluice::instance {
namespace {

constexpr std::int64_t most_ms = 30'000;

}  // namespace

base::result<engine::connector_call> make_single_call(const single_call& of, base::clock& clock,
                                                      base::id_generator& ids,
                                                      store::store& store) {
    engine::connector_call call;
    call.connector = of.connector;
    call.wanted = of.wanted;
    call.connection = of.connection;
    call.shared = of.shared;
    call.fetched = of.flow->fetched;
    plugin::call_request& request = call.request;
    request.action = of.action;
    request.input_json = json::to_text(of.input);
    request.connection_json = of.connection_json;
    request.deadline_unix_ms = clock.unix_ms() + most_ms;
    request.scope.instance = of.owner;
    request.scope.execution = ids.next();
    request.scope.partition = store::partition_of(of.owner);
    request.idempotency_key = base::execution_id_text(request.scope.execution) + "-single";
    base::result<store::epoch_number> epoch = store.acquire(request.scope.partition);
    if (!epoch) return std::move(epoch).error_value();
    request.scope.epoch = *epoch;
    return call;
}

}  // namespace sluice::instance
