// sluice.state/1
#include <optional>
#include <string>

#include "base/panic.hpp"
#include "json/text.hpp"
#include "plugin/abi_error.hpp"
#include "plugin/connector_state.hpp"
#include "plugin/services.hpp"
#include "plugin/strand.hpp"

namespace sluice::plugin {

namespace {

using base::error_code;
using base::make_error;

constexpr std::size_t key_limit = 256;
constexpr std::size_t value_limit = 256u << 10;

base::result<void> check_key(std::string_view key) {
    if (!key.empty() && key.size() <= key_limit) return {};
    return make_error(error_code::invalid_input, "a state key has 1 to 256 bytes");
}

base::result<void> check_value(std::string_view value) {
    if (value.size() > value_limit) {
        return make_error(error_code::invalid_input, "a state value has at most 256 KiB",
                          "Keep large values in the third party or in a blob.");
    }
    auto parsed = json::parse(value);
    if (parsed) return {};
    return make_error(error_code::invalid_input,
                      "the state value is not JSON: " + parsed.error_value().message);
}

void answer_get(call_handle call, std::uint64_t id, sluice_state_done done, void* user,
                base::result<store::state_value> found) {
    post_answer(call, id, [done, user, found = std::move(found)] {
        if (!found) {
            const sluice_error error = to_abi_error(found.error_value());
            return done(user, &error, 0, {}, 0);
        }
        const bool there = found->version > 0;
        done(user, nullptr, there ? 1 : 0, there ? to_abi(found->value_json) : sluice_str{},
             found->version);
    });
}

void SLUICE_CALL get(sluice_call* handle, sluice_str key_view, sluice_state_done done, void* user) {
    const call_handle call = call_slots::from_abi(handle);
    const std::uint64_t id = next_operation();
    std::string key(to_view(key_view));
    post_for_connector(call, [call, id, key = std::move(key), done, user](live_call& live) {
        live.operations.add(id, [] {});
        if (live.cancelling) return answer_get(call, id, done, user, cancelled_before_it_began());
        if (auto valid = check_key(key); !valid) {
            return answer_get(call, id, done, user, valid.error_value());
        }
        auto* store = live.owner->shared->ports.state;
        const bool queued = live.owner->shared->io.submit(
            [=, instance = live.input.scope.instance, flow = live.input.scope.flow] {
                answer_get(call, id, done, user, store->state_get(instance, flow, key));
            });
        if (queued) return;
        answer_get(call, id, done, user,
                   make_error(error_code::unavailable, "too much state is being read already"));
    });
}

void answer_put(call_handle call, std::uint64_t id, sluice_done done, void* user,
                base::result<void> outcome) {
    post_answer(call, id, [done, user, outcome = std::move(outcome)] {
        if (outcome) return done(user, nullptr);
        const sluice_error error = to_abi_error(outcome.error_value());
        done(user, &error);
    });
}

base::result<void> to_result(const base::result<store::commit_outcome>& committed) {
    if (!committed) return committed.error_value();
    switch (*committed) {
        case store::commit_outcome::committed:
            return {};
        case store::commit_outcome::conflict:
            return make_error(error_code::conflict, "the state was changed meanwhile",
                              "Read it again and decide anew.");
        case store::commit_outcome::fenced:
            return make_error(error_code::unavailable,
                              "another host has taken over this execution");
    }
    base::panic("an unknown commit outcome");
}

void put(sluice_call* handle, store::state_put_op change, sluice_done done, void* user) {
    const call_handle call = call_slots::from_abi(handle);
    const std::uint64_t id = next_operation();
    post_for_connector(call, [call, id, change = std::move(change), done, user](live_call& live) {
        live.operations.add(id, [] {});
        if (live.cancelling) return answer_put(call, id, done, user, cancelled_before_it_began());
        auto valid = check_key(change.key);
        if (valid && !change.remove) valid = check_value(change.value_json);
        if (!valid) return answer_put(call, id, done, user, valid);
        store::state_put_op complete = change;
        complete.instance = live.input.scope.instance;
        complete.flow = live.input.scope.flow;
        live.owner->shared->ports.state->commit(
            live.input.scope.partition, live.input.scope.epoch, {std::move(complete)},
            [=](base::result<store::commit_outcome> committed) {
                answer_put(call, id, done, user, to_result(committed));
            });
    });
}

store::state_put_op make_change(sluice_str key, sluice_str value) {
    store::state_put_op change;
    change.key = to_view(key);
    change.value_json = to_view(value);
    return change;
}

void SLUICE_CALL set(sluice_call* call, sluice_str key, sluice_str value_json, sluice_done done,
                     void* user) {
    put(call, make_change(key, value_json), done, user);
}

void SLUICE_CALL compare_and_set(sluice_call* call, sluice_str key, std::uint64_t expected,
                                 sluice_str value_json, sluice_done done, void* user) {
    store::state_put_op change = make_change(key, value_json);
    change.expected = expected;
    put(call, std::move(change), done, user);
}

void SLUICE_CALL remove(sluice_call* call, sluice_str key, sluice_done done, void* user) {
    store::state_put_op change = make_change(key, {});
    change.remove = true;
    put(call, std::move(change), done, user);
}

}  // namespace

const sluice_state_1& state_service() {
    static constexpr sluice_state_1 table = {get, set, compare_and_set, remove};
    return table;
}

}  // namespace sluice::plugin
