#include "manifest/trigger_reader.hpp"

#include <array>
#include <utility>

#include "expression/suggestion.hpp"
#include "manifest/endpoint_reader.hpp"
#include "manifest/poll_reader.hpp"
#include "manifest/schedule_reader.hpp"

namespace sluice::manifest {
namespace {

constexpr std::array<std::string_view, 9> kinds = {
    "webhook", "schedule", "event", "deploy", "undeploy", "preprocess", "call", "poll", "queue"};

void read_verify(const cursor& at, task_reader& tasks, webhook_trigger& into) {
    if (!at.exists() || !at.is_object("verify")) return;
    at.refuse_unknown("verify", {"call", "with"});
    call_task call;
    tasks.read_verifier(at, call);
    if (call.connector.empty() && !call.action.empty()) {
        at.member("call").problem("verify must call an action of a connector",
                                  "for example github.verifySignature");
    }
    into.verify = call_reference{std::move(call.connector), std::move(call.action),
                                 std::move(call.connection), std::move(call.with), at.where()};
}

void read_respond(const cursor& at, webhook_trigger& into) {
    if (!at.exists() || !at.is_object("respond")) return;
    at.refuse_unknown("respond", {"mode", "within"});
    if (at.member("mode").one_of("mode", {"accepted", "result"}) == "result") {
        into.mode = webhook_trigger::reply::result;
    }
    const cursor within = at.member("within");
    into.within_ms = within.duration();
    if (within.exists() && into.mode != webhook_trigger::reply::result) {
        within.key_problem("nobody waits for the result, so `within` limits nothing",
                           "write mode: result beside it, or leave it out");
    }
    if (into.within_ms == 0) within.problem("nothing can be done within no time");
}

webhook_trigger read_webhook(const cursor& at, const integration& of, task_reader& tasks) {
    webhook_trigger made;
    if (!at.is_object("webhook")) return made;
    at.refuse_unknown("webhook", {"verify", "respond", "body", "keys"});
    made.keys = read_key_rule(at.member("keys"));
    read_verify(at.member("verify"), tasks, made);
    const bool has_keys = made.keys.value_or(of.endpoint.keys) == key_rule::required;
    if (!at.member("verify").exists() && !has_keys) {
        at.warning("this webhook accepts unsigned requests",
                   "add verify: { call: connector.verifySignature, with: ... }");
    }
    const cursor body = at.member("body");
    if (body.exists()) {
        const auto kind = body.one_of("body", {"blob", "form"});
        if (kind == "blob") made.body = webhook_trigger::body_kind::blob;
        if (kind == "form") made.body = webhook_trigger::body_kind::form;
    }
    const bool as_blob = made.body == webhook_trigger::body_kind::blob;
    if (as_blob && at.member("verify").exists()) {
        body.problem(
            "a body that goes to a blob cannot be verified: a signature covers the whole "
            "body, and this one is never whole in memory",
            "remove body: blob, or verify and protect the address in another way");
    }
    if (as_blob && of.endpoint.scope == endpoint_rules::scope_kind::shared) {
        body.problem(
            "whose a request at a shared address is, its body tells; one that goes to a "
            "blob is never read",
            "remove body: blob, or write scope: flow");
    }
    read_respond(at.member("respond"), made);
    return made;
}

event_trigger read_event(const cursor& at, task_reader& tasks) {
    event_trigger made;
    if (!at.is_object("event")) return made;
    at.refuse_unknown("the trigger event", {"one", "any", "all", "until", "read"});
    const auto read = at.member("read").one_of("way to read events", {"data", "envelope", "raw"});
    if (read == "envelope") made.listen.read = listen_task::reading::envelope;
    if (read == "raw") made.listen.read = listen_task::reading::raw;
    tasks.read_strategy(at, tasks.outside(), made.listen);
    return made;
}

// `trigger: call` and a `trigger:` whose content is not indented.
std::string instead_of(const cursor& at) {
    if (!at.content().is_string()) return at.exists() ? "trigger: { webhook: {} }" : "";
    const std::vector<std::string> known(kinds.begin(), kinds.end());
    const std::string near = expression::nearest(at.content().as_string(), known);
    return "trigger: { " + (near.empty() ? "webhook" : near) + ": {} }";
}

}  // namespace

std::string trigger_name(const json::value& flow) {
    const json::value& trigger = flow.get("trigger");
    if (!trigger.is_object() || trigger.size() != 1) return {};
    return trigger.members().front().first;
}

void read_trigger(const cursor& at, const integration& of, task_reader& tasks, flow& into) {
    if (!at.is_object("trigger", instead_of(at))) return;
    if (at.content().size() != 1) {
        return at.problem("a flow has exactly one trigger", "for example trigger: { webhook: {} }");
    }
    const cursor kind = at.members().front();
    const std::string name = kind.name();
    const auto nothing_inside = [&] {
        if (kind.is_object(name)) kind.refuse_unknown("the trigger " + name, {});
    };
    if (name == "webhook") {
        into.trigger = read_webhook(kind, of, tasks);
    } else if (name == "schedule") {
        into.trigger = read_schedule(kind, of.config);
    } else if (name == "event") {
        into.trigger = read_event(kind, tasks);
    } else if (name == "call") {
        nothing_inside();
        into.trigger = call_trigger{};
    } else if (name == "preprocess") {
        nothing_inside();
        into.trigger = preprocess_trigger{};
    } else if (name == "deploy") {
        nothing_inside();
        into.trigger = deploy_trigger{};
    } else if (name == "undeploy") {
        nothing_inside();
        into.trigger = undeploy_trigger{};
    } else if (name == "poll") {
        into.trigger = read_poll(kind, tasks);
    } else if (name == "queue") {
        into.trigger = read_queue(kind, tasks);
    } else {
        const std::vector<std::string> known(kinds.begin(), kinds.end());
        kind.key_problem("there is no trigger \"" + name + "\"",
                         expression::did_you_mean(name, known));
    }
}

}  // namespace sluice::manifest
