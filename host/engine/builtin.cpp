#include "engine/builtin.hpp"

#include <utility>

#include "base/log.hpp"
#include "json/text.hpp"

namespace sluice::engine {
namespace {

using done_function = std::function<void(plugin::call_outcome)>;

void answer(base::event_loop& loop, done_function done, base::result<json::value> content) {
    plugin::call_outcome outcome;
    if (content) {
        outcome.output = std::move(*content);
        outcome.output_json = json::to_text(outcome.output);
    } else {
        outcome.output_json = std::move(content).error_value();
    }
    loop.post([done = std::move(done), outcome = std::move(outcome)] { done(outcome); });
}

base::result<std::string> key_of(const json::value& input) {
    const std::string key = input.string_or("key", "");
    if (key.empty() || key.size() > 256) {
        return base::make_error(base::error_code::invalid_input,
                                "state functions need a `key` of 1 to 256 characters");
    }
    return key;
}

void write_log(const start_of_execution& of, const json::value& input) {
    const std::string level = input.string_or("level", "info");
    const base::log_level known = level == "debug"     ? base::log_level::debug
                                  : level == "warning" ? base::log_level::warning
                                  : level == "error"   ? base::log_level::error
                                                       : base::log_level::info;
    const json::value& message = input.get("message");
    base::log(known, message.is_string() ? message.as_string() : json::to_text(message),
              {{"instance", of.flow->instance}, {"flow", of.flow->flow->name}});
}

}  // namespace

void call_builtin(surroundings& host, const start_of_execution& of, const std::string& name,
                  json::value input, done_function done) {
    if (name == "log") {
        write_log(of, input);
        return answer(host.loop, std::move(done), std::move(input));
    }
    const bool get = name == "state.get";
    if (!get && name != "state.put" && name != "state.delete") {
        return answer(host.loop, std::move(done),
                      base::make_error(base::error_code::unsupported,
                                       "there is no built-in function \"" + name + "\""));
    }
    base::result<std::string> key = key_of(input);
    if (!key) return answer(host.loop, std::move(done), std::move(key).error_value());
    if (host.store == nullptr) {
        return answer(
            host.loop, std::move(done),
            base::make_error(base::error_code::unsupported, "an offline run has no durable state"));
    }
    if (get) {
        host.run_blocking([&host, flow = of.flow, key = *key, done = std::move(done)]() mutable {
            base::result<store::state_value> found =
                host.store->state_get(flow->instance, flow->flow->name, key);
            if (!found) return answer(host.loop, std::move(done), std::move(found).error_value());
            if (found->version == 0) return answer(host.loop, std::move(done), json::value());
            answer(host.loop, std::move(done), json::parse(found->value_json));
        });
        return;
    }
    store::state_put_op change;
    change.instance = of.flow->instance;
    change.flow = of.flow->flow->name;
    change.key = *key;
    change.remove = name == "state.delete";
    if (!change.remove) change.value_json = json::to_text(input.get("value"));
    std::vector<store::op> batch;
    batch.emplace_back(std::move(change));
    host.store->commit(
        of.partition, of.epoch, std::move(batch),
        [&loop = host.loop, done = std::move(done),
         value = input.get("value")](base::result<store::commit_outcome> outcome) mutable {
            if (!outcome) return answer(loop, std::move(done), std::move(outcome).error_value());
            if (*outcome != store::commit_outcome::committed) {
                return answer(loop, std::move(done),
                              base::make_error(base::error_code::conflict,
                                               "another owner has taken over this execution"));
            }
            answer(loop, std::move(done), std::move(value));
        });
}

}  // namespace sluice::engine
