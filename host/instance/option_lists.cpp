#include "instance/option_lists.hpp"

#include <utility>

#include "engine/hide_secrets.hpp"
#include "expression/expression.hpp"
#include "instance/single_call.hpp"
#include "json/text.hpp"
#include "manifest/config_option.hpp"
#include "manifest/config_value.hpp"

namespace sluice::instance {
namespace {

using flow_ptr = std::shared_ptr<const engine::bound_flow>;

constexpr std::int64_t expression_ms = 1'000;

// $config with `values` over what is set.
base::result<json::value> config_with(const engine::bound_flow& of, const json::value& values) {
    json::value config = of.config;
    if (values.is_null()) return config;
    for (const auto& [name, content] : values.members()) {
        const auto declared = of.integration->config.find(name);
        if (declared == of.integration->config.end()) {
            return base::make_error(base::error_code::invalid_input,
                                    "there is no variable " + name);
        }
        if (declared->second.secret()) {
            return base::make_error(base::error_code::invalid_input,
                                    name + " is a secret, which is taken as it is set");
        }
        const auto problems =
            manifest::check_value(declared->second, content, "values." + name, true);
        if (!problems.empty()) {
            return base::make_error(base::error_code::invalid_input, problems.front().message,
                                    problems.front().hint);
        }
        config.set(name, manifest::normalised(declared->second, content));
    }
    return config;
}

base::result<void> has_what_it_needs(const manifest::config_source& source,
                                     const engine::bound_flow& of, const json::value& config) {
    for (const std::string& name : source.needs) {
        if (of.secrets.contains(name) || !config.get(name).is_null()) continue;
        return base::make_error(base::error_code::conflict,
                                "the options depend on " + name + ", which has no value yet",
                                "give it in `values`");
    }
    return {};
}

expression::budget small_budget(base::clock& clock) {
    expression::budget out;
    out.clock = &clock;
    out.time_ms = expression_ms;
    return out;
}

// What the action says is the third party's, whatever its code: nothing here is missing or wrong.
base::error failed(const manifest::config_source& source, const engine::bound_flow& of,
                   const base::error& why) {
    return base::make_error(base::error_code::unavailable,
                            source.connector + "." + source.action + ": " +
                                engine::hide_secrets(of, json::value(why.message)).as_string(),
                            why.hint);
}

}  // namespace

void option_lists::list(const flow_ptr& of, const std::string& variable, const json::value& values,
                        const listed& done) {
    const std::string name(manifest::current_config_name(*of->integration, variable));
    const auto declared = of->integration->config.find(name);
    if (declared == of->integration->config.end()) {
        return done(
            base::make_error(base::error_code::not_found, "there is no variable " + variable));
    }
    if (declared->second.type != manifest::config_declaration::kind::picklist) {
        return done(base::make_error(base::error_code::conflict, variable + " is no picklist",
                                     "any value that fits its type will do"));
    }
    if (!declared->second.source) return done(declared->second.options);
    const manifest::config_source& source = *declared->second.source;
    base::result<json::value> config = config_with(*of, values);
    if (!config) return done(std::move(config).error_value());
    if (auto enough = has_what_it_needs(source, *of, *config); !enough)
        return done(enough.error_value());

    auto overlaid = std::make_shared<engine::bound_flow>(*of);
    overlaid->config = *config;
    const std::vector<expression::binding> variables = {{"config", std::move(*config)},
                                                        {"instance", of->instance_info}};
    base::result<json::value> with =
        source.with.evaluate(json::value(), variables, small_budget(ports_.clock));
    if (!with) return done(std::move(with).error_value());
    const base::result<std::string> connection = of->connection(source.connection);
    if (!connection) return done(connection.error_value());

    single_call wanted;
    wanted.flow = of;
    wanted.owner = of->instance;
    wanted.connector = source.connector;
    wanted.wanted = of->constraint(source.connector);
    wanted.action = source.action;
    wanted.connection = source.connection;
    wanted.shared = of->origin_of(source.connection);
    wanted.connection_json = *connection;
    wanted.input = overlaid->resolve(source.with, std::move(*with));
    base::result<engine::connector_call> call =
        make_single_call(wanted, ports_.clock, ports_.ids, ports_.store);
    if (!call) return done(std::move(call).error_value());
    const store::event_id id = call->request.scope.execution;
    ports_.calls.start(
        std::move(*call), [&calls = ports_.calls, &clock = ports_.clock, id, of, source = &source,
                           variables, done](const engine::connector_reply& reply) {
            calls.drop(id);
            if (!reply.outcome.output_json) {
                return done(failed(*source, *of, reply.outcome.output_json.error_value()));
            }
            base::result<json::value> output =
                json::parse(engine::hide_secrets_in_json(*of, *reply.outcome.output_json));
            if (output && source->as) {
                output = source->as->evaluate(*output, variables, small_budget(clock));
            }
            if (!output) return done(failed(*source, *of, output.error_value()));
            base::result<options> found = manifest::options_of(*output);
            if (!found) return done(failed(*source, *of, found.error_value()));
            done(std::move(*found));
        });
}

}  // namespace sluice::instance
