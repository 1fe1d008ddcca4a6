// One integration as its manifest declares it, validated.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "json/value.hpp"
#include "manifest/config_declaration.hpp"
#include "manifest/task.hpp"
#include "manifest/template_value.hpp"

namespace sluice::manifest {

// "^1.2" (from 1.2.0, below 2; for 0.x below the next minor), "~1.2.3" (below 1.3), ">=1.2",
// "1.2.3" (exactly) or "*".
class version_constraint {
  public:
    static base::result<version_constraint> parse(std::string_view text);
    // `version` is "major.minor.patch".
    bool accepts(std::string_view version) const;
    const std::string& text() const { return text_; }

  private:
    std::string text_ = "*";
    std::array<std::int64_t, 3> low_ = {0, 0, 0};
    std::array<std::int64_t, 3> high_ = {INT64_MAX, 0, 0};  // exclusive
};

struct connection_declaration {
    std::string connector;
    std::string type;  // a connection type of the connector; empty: the instance chooses
    base::source_position where;
};

struct call_reference {  // of webhook.verify
    std::string connector;
    std::string action;
    std::string connection;  // may be empty
    template_value with;
    base::source_position where;
};

// Whether a request needs one of the instance's keys. `optional`: once the instance has one.
enum class key_rule { none, optional, required };

struct webhook_trigger {
    enum class reply { accepted, result };
    // What $trigger.body is: JSON by its media type, else text; the same, but forms are objects; or
    // the handle of a file, to which the body is streamed.
    enum class body_kind { content, form, blob };
    std::optional<call_reference> verify;
    reply mode = reply::accepted;
    body_kind body = body_kind::content;
    // result: how long the sender waits; then it gets 202 and the run goes on. None: the host's.
    std::optional<std::int64_t> within_ms;
    std::optional<key_rule> keys;  // none: as the endpoint says
};

struct call_trigger {};        // started by siblings, `sluice run` and tests
struct preprocess_trigger {};  // only dispatches: endpoint_rules::preprocess names the flow
struct deploy_trigger {};
struct undeploy_trigger {};
struct callback_trigger {};  // of flows that deliver results and alerts; see callback_flow.hpp

struct schedule_trigger {
    enum class overlap_rule { skip, queue, allow };
    enum class missed_rule { latest, all, skip };  // of ticks that came while nothing ran
    std::string cron;                              // five fields; or ...
    std::string cron_config;    // ... the config variable that holds them (`{ $ref: config.x }`)
    std::string time_zone;      // IANA; empty: UTC
    std::int64_t every_ms = 0;  // 0: not given
    std::int64_t after_ms = 0;  // after the end of the last run; 0: not given
    overlap_rule overlap = overlap_rule::skip;
    missed_rule missed = missed_rule::latest;
};

// Events that flows of the same instance emit.
struct event_trigger {
    listen_task listen;
};

// `poll`: an action is asked again and again for what is new; `queue`: the same, and what it gave
// is acknowledged once it is on disk here.
struct poll_trigger {
    std::shared_ptr<const task> fetch;        // the call; see poll_flow.hpp. Null: not readable
    std::shared_ptr<const task> acknowledge;  // null: nothing is acknowledged
    template_value found;                     // {items, cursor, more} of the call's output
    std::optional<template_value> start;      // the first cursor; none: null
    std::int64_t pause_ms = 0;                // between the beginnings of calls that found all
    std::optional<std::int64_t> batch;        // items of an event, a list; none: an event for each
    bool drains = false;                      // queue: asks again at once while something came
};
struct fetch_trigger {};  // of the flows that ask for a poll_trigger

struct queue_rules {
    // Evaluated on the trigger payload with $config, $instance and $trigger.
    std::optional<template_value> key;
    std::optional<template_value> dedupe;
    bool fifo = false;
    std::optional<std::int64_t> concurrency;  // executions of the flow at once, per instance
};

// The result is POSTed later to an address from the request or the configuration.
struct callback_rules {
    template_value url;                 // on the trigger payload; null or "": nobody is called
    std::optional<std::string> secret;  // config variable of type secret: signs the body
    std::optional<retry_policy> retry;  // none: the host's
};

struct flow {
    // What is kept of an execution. `none`: nothing at all is written.
    enum class record_kind { full, metadata, none };

    std::string name;
    base::source_position where;
    json::value definition;
    std::variant<webhook_trigger, call_trigger, preprocess_trigger, deploy_trigger,
                 undeploy_trigger, schedule_trigger, event_trigger, callback_trigger, poll_trigger,
                 fetch_trigger>
        trigger;
    queue_rules queue;
    std::optional<retry_policy> retry;  // of the whole flow, from its start
    std::optional<callback_rules> callback;
    record_kind record = record_kind::full;
    std::optional<template_value> input_from;
    std::optional<template_value> output_as;
    std::shared_ptr<const json::schema> input_schema, output_schema;  // null when absent
    std::optional<duration_template> timeout;
    bool uses_own_facts = true;  // some expression may read $task, $workflow or $runtime
    bool only_computes = false;  // see computes_only.hpp
    task_list tasks;
};

// What somebody outside is told of: once when it begins, and once when it is over.
struct alert {
    enum class condition { failure, overdue, connection };

    std::string name;
    base::source_position where;
    json::value definition;
    condition on = condition::failure;
    std::int64_t after_ms = 0;          // overdue: so long after the last success
    std::vector<std::string> about;     // names of flows; connection: of connections
    template_value url;                 // on $config and $instance; null or "": nobody is told
    std::optional<std::string> secret;  // config variable of type secret: signs the message
    std::optional<retry_policy> retry;  // none: the host's

    bool watches(std::string_view flow_or_connection) const;
};

struct endpoint_rules {
    // flow: an address for each webhook flow. instance: one address, whose requests the preprocess
    // flow gives to one of the webhook flows. shared: the addresses are those of all instances of
    // the integration, and `route` tells whose a request is.
    enum class scope_kind { flow, instance, shared };
    scope_kind scope = scope_kind::flow;
    std::string preprocess;               // name of the flow; empty: an address for each flow
    std::optional<template_value> route;  // on the payload: a customer's or an instance's name
    key_rule keys = key_rule::none;
    base::source_position where;
};

struct integration {
    std::string id;  // "namespace/name"
    std::string version;
    std::string title;
    std::map<std::string, version_constraint, std::less<>> connectors;
    std::map<std::string, connection_declaration, std::less<>> connections;
    std::map<std::string, config_declaration, std::less<>> config;
    std::vector<config_page> pages;
    // Names that variables had in earlier versions, and what they are called now.
    std::map<std::string, std::string, std::less<>> renamed_config;
    endpoint_rules endpoint;
    std::vector<flow> flows;
    std::vector<alert> alerts;
    // Secrets that authentications of a plain document name (`basic: { use: name }`).
    std::set<std::string> named_secrets;
    std::string
        hash;  // SHA-256 in hex of the canonical content: comments and key order do not count
    std::string source;  // path of the file
    json::value document;

    const flow* find_flow(std::string_view name) const;
};

// "failure", "overdue" or "connection".
const char* to_string(alert::condition what);

// What a config variable is called now that an instance calls `name`.
std::string_view current_config_name(const integration& of, std::string_view name);

// The flows that have addresses: the one that chooses, or each webhook flow.
std::vector<std::string> flows_with_address(const integration& of);
// What a request to the flow needs; of a flow that only chooses the least that one of those needs
// that it chooses from.
key_rule key_rule_of(const integration& of, const flow& at);

// Every call of the flow, nested ones included, in order.
std::vector<const task*> call_tasks(const flow& of);

}  // namespace sluice::manifest
