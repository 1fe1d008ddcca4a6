// state.get, state.put, state.delete and state.compareAndSet: values that outlive an execution.
#include <utility>

#include "engine/execution.hpp"
#include "json/text.hpp"

namespace sluice::engine {
namespace {

constexpr std::size_t longest_key = 256;
constexpr int most_attempts = 20;  // of compareAndSet against others that write all the time

base::error bad_input(std::string message) {
    return base::make_error(base::error_code::invalid_input, std::move(message));
}

base::error keeps_nothing() {
    return base::make_error(base::error_code::unsupported,
                            "this execution keeps nothing: it has no durable values",
                            "flows with record: none cannot use state functions");
}

}  // namespace

// Where a value is: an instance and a flow name it in the store.
struct walk::state_place {
    std::string instance;
    std::string flow;
    std::string key;
    bool shared = false;  // by all instances of the integration

    static base::result<state_place> of(const bound_flow& flow, const json::value& arguments) {
        state_place out;
        out.key = arguments.string_or("key", "");
        if (out.key.empty() || out.key.size() > longest_key) {
            return bad_input("state functions need a `key` of 1 to 256 bytes");
        }
        const std::string scope = arguments.string_or("scope", "flow");
        if (scope == "flow") {
            out.instance = flow.instance;
            out.flow = flow.flow->name;
        } else if (scope == "instance") {
            out.instance = flow.instance;
        } else if (scope == "integration") {
            out.instance = "integration:" + flow.integration->id;
            out.shared = true;
        } else {
            return bad_input("the `scope` of a value is flow, instance or integration, not \"" +
                             scope + "\"");
        }
        return out;
    }
    std::string text() const { return instance + '\0' + flow + '\0' + key; }
};

base::task<base::result<store::state_value>> walk::read_state(const state_place& place) {
    using found = base::result<store::state_value>;
    if (host_.memory_state != nullptr) {
        const auto held = host_.memory_state->find(place.text());
        if (held == host_.memory_state->end()) co_return store::state_value{};
        store::state_value value;
        value.value_json = json::to_text(held->second);
        value.version = 1;
        co_return value;
    }
    if (host_.store == nullptr) co_return keeps_nothing();
    base::callback_awaiter<found> read([&](auto done) {
        host_.run_blocking([&host = host_, place, done = std::move(done)]() mutable {
            found answer = host.store->state_get(place.instance, place.flow, place.key);
            host.loop.post([done = std::move(done), answer = std::move(answer)] { done(answer); });
        });
    });
    co_return co_await read;
}

base::task<base::result<bool>> walk::write_state(const state_place& place,
                                                 const json::value* content,
                                                 std::optional<std::uint64_t> expected,
                                                 const store::step_record& step) {
    if (host_.memory_state != nullptr) {
        if (content != nullptr) {
            (*host_.memory_state)[place.text()] = *content;
        } else {
            host_.memory_state->erase(place.text());
        }
        run_.records().record(step);
        co_return true;
    }
    if (!run_.records().keeps()) co_return keeps_nothing();
    store::state_put_op change;
    change.instance = place.instance;
    change.flow = place.flow;
    change.key = place.key;
    change.remove = content == nullptr;
    if (content != nullptr) change.value_json = json::to_text(*content);
    change.expected = expected;

    change.shared = place.shared;

    // In one transaction: a swap that was made and not recorded would be refused when it is
    // repeated after a crash.
    std::vector<store::op> both;
    both.emplace_back(std::move(change));
    both.emplace_back(store::checkpoint_op{run_.start().id, step});
    using answer = base::result<store::commit_outcome>;
    base::callback_awaiter<answer> written(
        [&](auto done) { run_.records().commit_apart(std::move(both), std::move(done)); });
    const answer outcome = co_await written;
    if (!outcome) co_return outcome.error_value();
    if (*outcome == store::commit_outcome::conflict) co_return false;
    if (*outcome == store::commit_outcome::fenced) {
        co_return base::make_error(base::error_code::conflict,
                                   "another owner has taken over this execution");
    }
    co_return true;
}

base::task<outcome> walk::run_state(const manifest::task& task, const std::string& name,
                                    store::step_record step, json::value arguments) {
    const auto fail = [&](const base::error& why) {
        return end_step(std::move(step), faulted_with(fault_of_call(why, 0, task.reference)));
    };
    const base::result<state_place> place = state_place::of(*run_.start().flow, arguments);
    if (!place) co_return fail(place.error_value());
    const json::value& content = arguments.get("value");
    if (name == "state.put" || name == "state.delete") {
        const bool put = name == "state.put";
        outcome result = completed_with(put ? content : json::value());
        store::step_record done = step;
        complete_step(done, result);
        const base::result<bool> written =
            co_await write_state(*place, put ? &content : nullptr, std::nullopt, done);
        if (!written) co_return fail(written.error_value());
        co_return result;
    }
    if (name != "state.get" && name != "state.compareAndSet") {
        co_return fail(base::make_error(base::error_code::unsupported,
                                        "there is no built-in function \"" + name + "\""));
    }
    for (int attempt = 0; attempt < most_attempts; ++attempt) {
        const base::result<store::state_value> found = co_await read_state(*place);
        if (!found) co_return fail(found.error_value());
        base::result<json::value> held = found->version == 0
                                             ? base::result<json::value>(json::value())
                                             : json::parse(found->value_json);
        if (!held) co_return fail(held.error_value());
        if (name == "state.get") {
            co_return end_step(std::move(step), completed_with(std::move(*held)));
        }
        if (!(*held == arguments.get("expected"))) {
            co_return end_step(std::move(step),
                               completed_with(json::value::object(
                                   {{"swapped", false}, {"value", std::move(*held)}})));
        }
        outcome result =
            completed_with(json::value::object({{"swapped", true}, {"value", content}}));
        store::step_record done = step;
        complete_step(done, result);
        const base::result<bool> written =
            co_await write_state(*place, &content, found->version, done);
        if (!written) co_return fail(written.error_value());
        if (*written) co_return result;
    }
    co_return fail(
        base::make_error(base::error_code::conflict, "others change this value all the time"));
}

}  // namespace sluice::engine
