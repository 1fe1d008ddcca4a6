#include "store/store_testing.hpp"

#include <future>

#include "base/panic.hpp"

namespace sluice::store::testing {

new_event make_event(event_id id, std::string payload, std::string dedupe_key,
                     std::string instance) {
    new_event event;
    event.id = id;
    event.instance = std::move(instance);
    event.flow = "orders";
    event.flow_version = "v1";
    event.kind = "webhook";
    event.dedupe_key = std::move(dedupe_key);
    event.payload_json = std::move(payload);
    event.accepted_ms = 1'700'000'000'000 + id;
    return event;
}

step_record make_step(std::string path, std::int64_t item, std::string output) {
    step_record step;
    step.path = std::move(path);
    step.item = item;
    step.name = "create";
    step.kind = "call";
    step.started_ms = 10;
    step.ended_ms = 20;
    step.input_json = R"({"a":1})";
    step.output_json = std::move(output);
    step.connector = "github 0.1.0";
    return step;
}

op finished(event_id id, event_state state, std::string output, std::string error) {
    return finish_op{id, state, std::move(output), std::move(error), 1'700'000'005'000};
}

op recorded(event_id id, std::string path, std::int64_t item, std::string output) {
    return checkpoint_op{id, make_step(std::move(path), item, std::move(output))};
}

base::result<std::vector<append_outcome>> append_and_wait(store& to,
                                                          std::vector<new_event> events) {
    std::promise<base::result<std::vector<append_outcome>>> answer;
    to.append(std::move(events), [&answer](auto reply) { answer.set_value(std::move(reply)); });
    return answer.get_future().get();
}

base::result<append_outcome> append_and_wait(store& to, new_event event) {
    auto replies = append_and_wait(to, std::vector<new_event>{std::move(event)});
    if (!replies) return replies.error_value();
    if (replies->size() != 1) base::panic("an append of one event has one outcome");
    return replies->front();
}

base::result<commit_outcome> commit_and_wait(store& to, partition_id partition, epoch_number epoch,
                                             std::vector<op> ops) {
    std::promise<base::result<commit_outcome>> answer;
    to.commit(partition, epoch, std::move(ops),
              [&answer](auto reply) { answer.set_value(std::move(reply)); });
    return answer.get_future().get();
}

base::result<commit_outcome> commit_and_wait(store& to, std::vector<op> ops) {
    const partition_id partition = partition_of("acme");
    auto epoch = to.acquire(partition);
    if (!epoch) return epoch.error_value();
    return commit_and_wait(to, partition, *epoch, std::move(ops));
}

base::result<void> put_config_and_wait(store& to, config_record record) {
    return change_config_and_wait(to, {{std::move(record), false}});
}

base::result<void> change_config_and_wait(store& to, std::vector<config_change> changes) {
    std::promise<base::result<void>> answer;
    to.change_config(std::move(changes),
                     [&answer](auto reply) { answer.set_value(std::move(reply)); });
    return answer.get_future().get();
}

sqlite_options small_options(const std::filesystem::path& folder, base::clock& time) {
    sqlite_options options;
    options.folder = folder;
    options.clock = &time;
    options.disk.admit_above_bytes = 1 << 20;
    options.disk.reserve_bytes = 1 << 20;
    return options;
}

}  // namespace sluice::store::testing
