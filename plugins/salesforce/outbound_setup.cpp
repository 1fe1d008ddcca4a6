// Makes and removes outbound messages and what triggers them, so that a deploy flow can register
// its own address. Everything is found by name: a step that is repeated changes nothing.
#include <algorithm>
#include <set>
#include <sluice/encoding.hpp>
#include <string>
#include <utility>

#include "api.hpp"
#include "identity.hpp"
#include "outbound_trigger.hpp"
#include "salesforce.hpp"
#include "soql.hpp"
#include "tooling.hpp"

namespace sluice::salesforce {
namespace {

constexpr const char* message_type = "WorkflowOutboundMessage";
constexpr std::size_t longest_name = 80;

failure bad_input(std::string message) { return failure(SLUICE_INVALID_INPUT, std::move(message)); }

// Salesforce's rule for API names.
const std::string& checked_developer_name(const json& input) {
    const std::string& name = checked_name(required_string(input, "name"), "name");
    if (name.size() > longest_name || name.find("__") != name.npos || name.ends_with('_')) {
        throw bad_input(
            "'name' must be at most 80 letters, digits and single underscores, and not end with"
            " one");
    }
    return name;
}

struct wanted_message {
    std::string object;
    std::string name;
    json metadata;
    outbound_trigger trigger;

    std::string full_name() const { return object + "." + name; }
};

wanted_message read_wanted(const api& salesforce, const json& input, const std::string& user) {
    const std::string& object = checked_name(required_string(input, "object"), "object");
    const std::string& name = checked_developer_name(input);
    json fields = json::array({json("Id")});
    if (!input["fields"].is_null()) {
        for (const json& field : required_array(input, "fields").items()) {
            if (!field.is_string()) throw bad_input("'fields' must be a list of names");
            if (field.as_string() != "Id") fields.push(checked_name(field.as_string(), "fields"));
        }
    }
    const json metadata{{"apiVersion", json::number(salesforce.version())},
                        {"description", input.get_or("description", "Managed by Sluice")},
                        {"endpointUrl", required_string(input, "endpointUrl")},
                        {"fields", fields},
                        {"includeSessionId", false},
                        {"integrationUser", input.get_or("integrationUser", user)},
                        {"name", name},
                        {"protected", false},
                        {"useDeadLetterQueue", false}};
    return {object, name, metadata, outbound_trigger(input, object, name)};
}

bool is_as_wanted(const json& there, const json& wanted) {
    for (const char* const key : {"endpointUrl", "integrationUser", "includeSessionId"}) {
        if (there[key] != wanted[key]) return false;
    }
    std::vector<std::string> fields[2];
    for (const json& one : there["fields"].items())
        fields[0].push_back(one.is_string() ? one.as_string() : std::string());
    for (const json& one : wanted["fields"].items())
        fields[1].push_back(one.as_string());
    std::sort(fields[0].begin(), fields[0].end());
    std::sort(fields[1].begin(), fields[1].end());
    return fields[0] == fields[1];
}

task<json> ensure_message(const api& salesforce, wanted_message wanted) {
    task<json> looked = find_tooling(salesforce, message_type, wanted.name, wanted.full_name());
    const json there = co_await looked;
    std::string id = there.get_or("Id", "");
    std::string done = "unchanged";
    if (there.is_null()) {
        task<std::string> made =
            create_tooling(salesforce, message_type, wanted.full_name(), wanted.metadata);
        id = co_await made;
        done = "created";
    } else if (!is_as_wanted(there["Metadata"], wanted.metadata)) {
        task<void> changed = change_tooling(salesforce, message_type, id, wanted.metadata);
        co_await changed;
        done = "changed";
    }
    task<std::string> ensured = wanted.trigger.ensure(salesforce);
    const std::string automation = co_await ensured;
    co_return json{
        {"id", id}, {"name", wanted.full_name()}, {"message", done}, {"automation", automation}};
}

task<bool> remove_message(const api& salesforce, std::string object, std::string name) {
    // First what refers to it: Salesforce deletes nothing that is in use.
    const outbound_trigger trigger(json::object(), object, name);
    task<bool> stopped = trigger.remove(salesforce);
    const bool had_trigger = co_await stopped;
    task<json> looked = find_tooling(salesforce, message_type, name, object + "." + name);
    const json there = co_await looked;
    if (!there.is_null()) {
        task<void> deleted = delete_tooling(salesforce, message_type, there.get_or("Id", ""));
        co_await deleted;
    }
    co_return had_trigger || !there.is_null();
}

// The connection's own user, unless each of the messages names one.
task<std::string> usual_user(const api& salesforce, json messages) {
    bool needed = false;
    for (const json& one : messages.items())
        needed = needed || one.get_or("integrationUser", "").empty();
    if (!needed) co_return std::string();
    task<json> asked = identity_of(salesforce);
    const json identity = co_await asked;
    co_return identity.get_or("username", "");
}

// "Account.Sluice_Accounts" of those whose names begin with the prefix.
task<json> existing_names(const api& salesforce, std::string prefix) {
    const json pattern{{"startsWith", prefix}};
    task<json> looked =
        tooling_query(salesforce, std::string("SELECT Id FROM ") + message_type +
                                      " WHERE Name LIKE " + literal(pattern, "prefix"));
    const json found = co_await looked;
    json names = json::array();
    for (const json& one : found.items()) {
        const std::string id = checked_id(one.get_or("Id", ""), "Id");
        const url address = salesforce.data("/tooling/sobjects").segment(message_type) / id;
        task<json> asked = salesforce.get(address);
        const json whole = co_await asked;
        names.push(whole["FullName"]);
    }
    co_return names;
}

}  // namespace

task<json> connector::create_outbound_message(context& ctx, const json& input) {
    const api salesforce(ctx);
    // Before anything is asked, everything is read.
    wanted_message wanted = read_wanted(salesforce, input, "");
    task<std::string> asked = usual_user(salesforce, json::array({input}));
    const std::string user = co_await asked;
    if (!user.empty()) wanted.metadata.set("integrationUser", user);
    task<json> ensured = ensure_message(salesforce, wanted);
    co_return co_await ensured;
}

task<json> connector::delete_outbound_message(context& ctx, const json& input) {
    const api salesforce(ctx);
    const std::string& object = checked_name(required_string(input, "object"), "object");
    const std::string& name = checked_developer_name(input);
    task<bool> removed = remove_message(salesforce, object, name);
    const bool deleted = co_await removed;
    co_return json{{"deleted", deleted}};
}

task<json> connector::reconcile_outbound_messages(context& ctx, const json& input) {
    const api salesforce(ctx);
    const std::string& prefix = checked_name(required_string(input, "prefix"), "prefix");
    const json& messages = required_array(input, "messages");
    // In small letters: Salesforce knows names without their case.
    std::set<std::string> kept;
    for (const json& one : messages.items()) {
        const wanted_message wanted = read_wanted(salesforce, one, "");
        if (!wanted.name.starts_with(prefix)) {
            throw bad_input("the name '" + wanted.name + "' does not begin with '" + prefix + "'");
        }
        if (!kept.insert(lower_ascii(wanted.full_name())).second) {
            throw bad_input("two of 'messages' are " + wanted.full_name());
        }
    }
    task<std::string> asked = usual_user(salesforce, messages);
    const std::string user = co_await asked;
    json results = json::array();
    for (const json& one : messages.items()) {
        task<json> ensured = ensure_message(salesforce, read_wanted(salesforce, one, user));
        json result = co_await ensured;
        results.push(std::move(result));
    }
    task<json> listed = existing_names(salesforce, prefix);
    const json names = co_await listed;
    json deleted = json::array();
    for (const json& full_name : names.items()) {
        const std::string text = full_name.is_string() ? full_name.as_string() : std::string();
        const std::size_t dot = text.find('.');
        if (dot == text.npos || kept.contains(lower_ascii(text))) continue;
        // LIKE does not look at the case.
        if (!std::string_view(text).substr(dot + 1).starts_with(prefix)) continue;
        task<bool> removed = remove_message(salesforce, text.substr(0, dot), text.substr(dot + 1));
        co_await removed;
        deleted.push(full_name);
    }
    co_return json{{"messages", results}, {"deleted", deleted}};
}

}  // namespace sluice::salesforce
