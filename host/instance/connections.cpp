#include "instance/connections.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "base/ids.hpp"
#include "engine/hide_secrets.hpp"
#include "instance/owner_id.hpp"
#include "instance/single_call.hpp"
#include "json/text.hpp"
#include "store/types.hpp"

namespace sluice::instance {
namespace {

constexpr const char* callback_path = "/oauth/callback";

base::error no_connection(const connection_id& id) {
    return base::make_error(base::error_code::not_found, "there is no " + id.to_text().substr(4));
}

base::error not_known(const std::string& connector, const std::string& type) {
    return base::make_error(base::error_code::conflict,
                            "the connector \"" + connector +
                                "\" is not here, or has no connection type \"" + type + '"');
}

// What an instance's file says can be mended there.
base::error not_in_order(base::error why) {
    if (why.code == base::error_code::unsupported) why.code = base::error_code::conflict;
    return why;
}

}  // namespace

connections::connections(connection_ports ports)
    : ports_(std::move(ports)),
      store_(ports_.loop, ports_.store, ports_.keys, ports_.run_blocking),
      tokens_({ports_.loop, ports_.clock, ports_.random, ports_.http, store_}),
      authorizations_({ports_.clock, ports_.random, tokens_,
                       [this](const connection_id& id) { return settings_or_null(id); }}),
      calls_(ports_.loop, ports_.clock, ports_.calls, tokens_,
             [this](const connection_id& id, const std::string& connector,
                    const manifest::version_constraint* wanted,
                    const std::string& json) { return settings_of(id, connector, wanted, json); }) {
}

void connections::start() {
    tokens_.refresh_ahead([this](const connection_id& id) { return settings_or_null(id); });
}

bool connections::target::shared() const { return is_shared_owner(origin.owner); }

std::optional<connections::target> connections::target_of(
    std::shared_ptr<const engine::bound_flow> flow, const std::string& name) {
    const auto declared = flow->integration->connections.find(name);
    const auto given = flow->connections.find(name);
    if (declared == flow->integration->connections.end() || given == flow->connections.end()) {
        return std::nullopt;
    }
    target out;
    const engine::shared_connection from = flow->origin_of(name);
    out.origin = from.owner.empty() ? connection_id{flow->instance, name}
                                    : connection_id{from.owner, from.name};
    out.connector = declared->second.connector;
    out.wanted = flow->constraint(out.connector);
    out.json = &given->second;
    if (const auto fields = json::parse(given->second)) out.type = fields->string_or("type", "");
    out.flow = std::move(flow);
    return out;
}

base::result<connections::target> connections::find(const connection_id& id) const {
    if (is_shared_owner(id.owner)) return find_of_owner(id);
    const std::vector<flow_ptr> flows = ports_.deployed.flows_of(id.owner);
    if (flows.empty()) return no_connection(id);
    std::optional<target> found = target_of(flows.front(), id.name);
    if (!found) return no_connection(id);
    return std::move(*found);
}

base::result<connections::target> connections::find_of_owner(const connection_id& id) const {
    const owner* const its = ports_.deployed.find_owner(id.owner);
    if (its == nullptr || !its->connections.contains(id.name)) return no_connection(id);
    const base::result<std::string>& text = its->connections.at(id.name);
    if (!text) {
        return base::make_error(base::error_code::conflict,
                                id.to_text() + ": " + text.error_value().message,
                                text.error_value().hint);
    }
    const manifest::owner_file::connection& described = its->file.connections.at(id.name);
    target out;
    out.origin = id;
    out.flow = its->secrets;
    out.connector = described.connector;
    out.type = described.type;
    out.json = &*text;
    return out;
}

base::result<connections::target> connections::find_own(const connection_id& id) const {
    base::result<target> found = find(id);
    if (!found || found->origin == id) return found;
    return base::make_error(
        base::error_code::conflict,
        id.to_text() + " is " + found->origin.to_text() +
            ", for all that share it: `sluice connection authorize|disconnect " +
            owner_argument(found->origin.owner) + ' ' + found->origin.name + '`');
}

const plugin::connection_description* connections::type_of(
    const target& of, std::shared_ptr<const plugin::descriptor>& holds) const {
    holds = ports_.describe(of.connector, of.wanted);
    if (!holds) return nullptr;
    const auto found = holds->connections.find(of.type);
    return found == holds->connections.end() ? nullptr : &found->second;
}

// Each call asks: as long as connector and connection are the same ones, so are the settings.
base::result<connection_tokens::settings_ptr> connections::settings_of(
    const connection_id& id, const std::string& connector,
    const manifest::version_constraint* wanted, const std::string& connection_json) const {
    std::shared_ptr<const plugin::descriptor> described = ports_.describe(connector, wanted);
    if (!described) return connection_tokens::settings_ptr();
    cached& known = cache_[id];
    if (known.of == described && known.json == connection_json) return known.settings;
    known = {};
    const base::result<json::value> fields = json::parse(connection_json);
    if (!fields) return fields.error_value();
    const auto type = described->connections.find(fields->string_or("type", ""));
    connection_tokens::settings_ptr settings;
    if (type != described->connections.end() && type->second.oauth2) {
        auto read = oauth_settings::read(id, type->second, *fields);
        if (!read) return std::move(read).error_value();
        settings = std::move(*read);
    }
    known = {std::move(described), connection_json, settings};
    return settings;
}

// What is shared has one kind of tokens, whatever version of the connector each instance uses.
base::result<connection_tokens::settings_ptr> connections::settings_of(const target& one) const {
    return settings_of(one.origin, one.connector, one.shared() ? nullptr : one.wanted, *one.json);
}

connection_tokens::settings_ptr connections::settings_or_null(const connection_id& id) const {
    const base::result<target> found = find_own(id);
    if (!found) return nullptr;
    auto settings = settings_of(*found);
    return settings ? *settings : nullptr;
}

connection_view connections::view_of(const connection_id& id, const target& one) const {
    connection_view view;
    view.id = id;
    if (one.origin != id) view.shared = shared_text(one.origin.owner, one.origin.name);
    view.connector = one.connector;
    view.type = one.type;
    std::shared_ptr<const plugin::descriptor> holds;
    const auto* type = type_of(one, holds);
    if (type != nullptr) view.can_test = !type->test.empty();
    if (type != nullptr && type->oauth2) view.grant = to_string(type->oauth2->grant);
    auto settings = settings_of(one);
    if (type == nullptr) settings = not_known(one.connector, one.type);
    if (!settings) {
        view.status.state = connection_record::state_kind::error;
        view.status.reason = settings.error_value().message;
    } else if (*settings) {
        view.status = tokens_.status(**settings);
    } else {
        // Its fields are there, and nobody has to do anything.
        view.status.state = connection_record::state_kind::active;
    }
    return view;
}

std::vector<connection_view> connections::of_instance(const std::string& instance) const {
    std::vector<connection_view> out;
    const std::vector<flow_ptr> flows = ports_.deployed.flows_of(instance);
    if (flows.empty()) return out;
    for (const auto& [name, json] : flows.front()->connections) {
        const std::optional<target> one = target_of(flows.front(), name);
        if (one) out.push_back(view_of({instance, name}, *one));
    }
    return out;
}

std::vector<connection_view> connections::of_owner(const std::string& owner) const {
    std::vector<connection_view> out;
    const instance::owner* const its = ports_.deployed.find_owner(owner);
    if (its == nullptr) return out;
    for (const auto& [name, described] : its->file.connections) {
        const connection_id id{owner, name};
        const base::result<target> one = find_of_owner(id);
        if (one) {
            out.push_back(view_of(id, *one));
            continue;
        }
        connection_view view;
        view.id = id;
        view.connector = described.connector;
        view.type = described.type;
        view.status.state = connection_record::state_kind::error;
        view.status.reason = one.error_value().message;
        out.push_back(std::move(view));
    }
    return out;
}

std::vector<base::error> connections::problems() const {
    std::vector<base::error> out;
    const auto look = [&](const target& one) {
        auto read = settings_of(one);
        if (!read) out.push_back(std::move(read).error_value());
    };
    std::set<std::string> seen;
    for (const auto& flow : ports_.deployed.flows()) {
        if (!seen.insert(flow->instance).second) continue;
        for (const auto& [name, json] : flow->connections) {
            const std::optional<target> one = target_of(flow, name);
            if (one && !one->shared()) look(*one);
        }
    }
    for (const auto& [id, its] : ports_.deployed.owners()) {
        for (const auto& [name, text] : its->connections) {
            if (const base::result<target> one = find_of_owner({id, name})) look(*one);
        }
    }
    return out;
}

std::vector<connection_id> connections::uses_of(const connection_id& id) const {
    if (!is_shared_owner(id.owner)) return {id};
    std::set<connection_id> out;
    for (const auto& flow : ports_.deployed.flows()) {
        for (const auto& [name, from] : flow->shared) {
            if (from.owner == id.owner && from.name == id.name) out.insert({flow->instance, name});
        }
    }
    return {out.begin(), out.end()};
}

std::optional<std::string> connections::given_up(const connection_id& id) const {
    const base::result<target> found = find(id);
    if (!found) return std::nullopt;
    const auto settings = settings_of(*found);
    if (!settings || !*settings) return std::nullopt;
    return tokens_.given_up(**settings);
}

std::string connections::redirect_uri() const {
    return ports_.deployed.public_url() + callback_path;
}

base::result<authorizations::begun> connections::authorize(const connection_id& id) {
    const base::result<target> found = find_own(id);
    if (!found) return found.error_value();
    auto settings = settings_of(*found);
    if (!settings) return not_in_order(std::move(settings).error_value());
    if (!*settings || !(*settings)->by_person()) {
        return base::make_error(base::error_code::conflict,
                                id.to_text() + " needs nobody to authorize it",
                                "its fields are all that it needs; test it");
    }
    return authorizations_.begin(*settings, redirect_uri());
}

base::result<void> connections::test(const connection_id& id, tested done) {
    const base::result<target> found = find(id);
    if (!found) return found.error_value();
    std::shared_ptr<const plugin::descriptor> holds;
    const auto* const type = type_of(*found, holds);
    if (type == nullptr) return not_known(found->connector, found->type);
    if (type->test.empty()) {
        return base::make_error(
            base::error_code::conflict,
            "connections of type \"" + found->type + "\" of " + found->connector + " have no test");
    }
    single_call wanted;
    wanted.flow = found->flow;
    wanted.owner = id.owner;
    wanted.connector = found->connector;
    wanted.wanted = found->wanted;
    wanted.action = type->test;
    wanted.connection = id.name;
    if (found->shared()) wanted.shared = {found->origin.owner, found->origin.name};
    wanted.connection_json = *found->json;
    base::result<engine::connector_call> call =
        make_single_call(wanted, ports_.clock, ports_.ids, ports_.store);
    if (!call) return std::move(call).error_value();
    call->flow = found->flow;  // an alert about the connection hears of it
    const store::event_id id_of_call = call->request.scope.execution;
    calls_.start(std::move(*call), [this, id_of_call, flow = found->flow, origin = found->origin,
                                    done = std::move(done)](const engine::connector_reply& reply) {
        calls_.drop(id_of_call);
        base::result<std::string> told = reply.outcome.output_json;
        if (told && passed_) {
            const std::vector<connection_id> uses = uses_of(origin);
            std::ranges::for_each(uses, passed_);
        }
        if (told) return done(engine::hide_secrets_in_json(*flow, std::move(*told)));
        base::error why = std::move(told).error_value();
        why.message = engine::hide_secrets(*flow, json::value(why.message)).as_string();
        done(std::move(why));
    });
    return {};
}

void connections::disconnect(const connection_id& id, connection_tokens::dropped done) {
    const base::result<target> found = find_own(id);
    base::result<connection_tokens::settings_ptr> settings = connection_tokens::settings_ptr();
    if (found) settings = settings_of(*found);
    if (found && settings && *settings) return tokens_.disconnect(*settings, std::move(done));
    base::error why = base::make_error(
        base::error_code::conflict, id.to_text() + " has no tokens: its fields are all there is");
    if (!settings) why = not_in_order(std::move(settings).error_value());
    if (!found) why = found.error_value();
    ports_.loop.post([done = std::move(done), why = std::move(why)] { done(why); });
}

}  // namespace sluice::instance
