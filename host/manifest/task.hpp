// The tasks of a flow (Open Workflow Specification 1.0 vocabulary), validated and compiled.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/error.hpp"
#include "json/value.hpp"
#include "manifest/template_value.hpp"

namespace sluice::json {
class schema;
}

namespace sluice::manifest {

// What runs after a task.
struct directive {
    enum class kind { next, exit, end, jump };  // `then: continue` is `next`
    kind action = kind::next;
    std::size_t target = 0;  // jump: index in the same list
};

struct backoff {
    enum class kind { constant, linear, exponential };
};

// When and how often a failed `try` runs again. Waits: constant d, linear d*n, exponential
// d*2^(n-1) for retry n = 1..; then a random addition between the jitter's ends.
struct retry_policy {
    std::string name;                    // empty for an inline policy
    std::optional<template_value> when;  // input: the try's; error in $error
    std::optional<template_value> except_when;
    std::int64_t delay_ms = 0;
    backoff::kind growth = backoff::kind::constant;
    std::optional<std::int64_t> max_retries;         // limit.attempt.count: n + 1 runs at most
    std::optional<std::int64_t> attempt_timeout_ms;  // limit.attempt.duration
    std::optional<std::int64_t> total_ms;            // limit.duration
    std::int64_t jitter_from_ms = 0;
    std::int64_t jitter_to_ms = 0;

    // The wait before retry `n` (1..) without jitter, at most five minutes.
    std::int64_t wait_ms(std::int64_t n) const;
};

// The members of an error object; `type` and `status` are always set.
struct error_template {
    std::string name;                                      // of use.errors; empty when inline
    template_value type, status, title, detail, instance;  // null literal when absent
};

struct task;
using task_list = std::vector<task>;

// A length of time that may be an expression: milliseconds come from parse_duration() of its value.
struct duration_template {
    template_value content;
};

struct call_task {
    std::string function;    // as written: "github.createIssue", "state.get", "log"
    std::string connector;   // empty for a built-in function
    std::string action;      // "createIssue"; for a built-in the whole name
    std::string connection;  // name of the integration's connection; may be empty
    template_value with;     // object, without `connection`
};

// How a built-in HTTP call proves who it is.
struct authentication {
    enum class kind { none, basic, bearer, digest, oauth2, oidc };
    kind type = kind::none;
    // An object with the members of that kind, `$ref`s allowed. When a secret is named, a reference
    // to it: its value is such an object, or JSON text of one; of bearer also the token itself.
    template_value content;
    std::string secret;            // the name of that secret; empty: none is named
    bool fills_authority = false;  // `authority` may hold `{name}`, as an endpoint may
};

// What an HTTP call gives: the body by its media type, its bytes as base64, or
// {request, statusCode, headers, content}.
enum class http_output { content, raw, response };

// call: http. Strings of `endpoint` may hold `{name}`: a top-level property of the task's input.
struct http_task {
    template_value method, endpoint, headers, query, body;
    bool has_body = false;
    http_output output = http_output::content;
    bool redirect = false;  // follow redirects; then also 3xx answers are no fault
    authentication proof;
};

// call: openapi. The document is fetched when the task runs, unless it is a file beside the
// manifest.
struct openapi_task {
    template_value document;  // endpoint of the document
    template_value operation, parameters;
    http_output output = http_output::content;
    bool redirect = false;
    authentication proof;
    authentication document_proof;  // for fetching the document
};

// call of a function of `use.functions`: its task runs with `with` as input.
struct function_task {
    std::string function;
    template_value with;  // object; null: the task's own input
    std::shared_ptr<const task> body;
};

struct set_task {
    template_value content;
};

struct do_task {
    task_list tasks;
};

// Rounds over the items of `in`, evaluated once; `while_holds` is asked before each round. The
// output of a round is the input of the next one.
struct for_task {
    std::string item_name = "item";
    std::string index_name = "index";
    template_value in;
    std::optional<template_value> while_holds;
    task_list tasks;
};

// All branches get the task's input. Output: an array in the order of `branches`, or with
// `compete` the output of the first that ends; the others are cancelled.
struct fork_task {
    task_list branches;
    bool compete = false;
};

struct wait_task {
    duration_template length;
};

// A CloudEvent: attributes and data; `id`, `time`, `source` and `specversion` are filled in.
struct emit_task {
    template_value with;
};

// Which events a listener takes: every attribute given must be equal, or, as an expression that
// sees the event as input, true.
struct event_filter {
    struct attribute {
        std::string name;
        template_value expected;
        bool is_condition = false;
    };
    struct correlation {
        std::string name;
        template_value from;                   // on the event
        std::optional<template_value> expect;  // none: that of the first event taken
    };
    std::vector<attribute> with;
    std::vector<correlation> correlate;
};

struct listen_task {
    enum class strategy { one, any, all };
    enum class reading { data, envelope, raw };
    strategy how = strategy::one;
    std::vector<event_filter> filters;  // `any` without filters: every event
    reading read = reading::data;
    // any: goes on until this holds (input: the list of events taken so far) ...
    std::optional<template_value> until;
    // ... or until one of these events has arrived (any; no filter: whichever), or each of them
    // (all). No `ends` and no `until`: one event.
    struct ending {
        bool all = false;
        std::vector<event_filter> filters;
    };
    std::optional<ending> ends;
    bool until_forever = false;  // until: false
    // foreach: runs for each event as it is taken.
    std::optional<for_task> each;
    std::optional<template_value> each_output_as;
    std::optional<template_value> each_export_as;
    std::shared_ptr<const json::schema> each_output_schema, each_export_schema;  // null when absent
};

// run: workflow. `flow` is one of the same integration; of a plain document, which is an
// integration of its own, it is one that was read from a document of the same folder.
struct run_task {
    std::string flow;
    std::optional<template_value> input;  // none: the task's input
    bool await = true;                    // false: the output is the task's input
};

// Which errors a catch takes: every member given must be equal.
struct error_filter {
    std::optional<std::string> type;  // compared across all known prefixes, see same_error_type
    std::optional<std::int64_t> status;
    std::optional<std::string> instance, title, detail;
};

struct try_task {
    task_list tasks;
    error_filter filter;
    std::string error_name = "error";  // variable inside the catch
    std::optional<template_value> when, except_when;
    std::optional<retry_policy> retry;
    std::optional<task_list> handler;  // catch.do
    directive then;                    // catch.then, on the error path only
};

struct switch_case {
    std::string name;
    std::optional<template_value> when;  // none: the default
    directive then;
};

struct switch_task {
    std::vector<switch_case> cases;
};

struct raise_task {
    error_template error;
};

struct task {
    std::string name;
    std::string reference;  // JSON pointer from the flow: "/do/0/create/try/0/send"
    base::source_position where;
    json::value definition;

    std::optional<template_value> condition;   // `if`, on the raw input
    std::optional<template_value> input_from;  // on the raw input
    std::optional<template_value> output_as;   // on the raw output
    std::optional<template_value> export_as;   // on the transformed output; becomes $context
    // Null when absent. Of the raw input, the transformed output, the new context.
    std::shared_ptr<const json::schema> input_schema, output_schema, export_schema;
    std::optional<duration_template> timeout;
    directive then;

    std::variant<call_task, http_task, openapi_task, function_task, set_task, do_task, for_task,
                 fork_task, switch_task, try_task, raise_task, wait_task, emit_task, listen_task,
                 run_task>
        body;
};

// Equal, or the same one of the eight standard error names under any of its known prefixes.
bool same_error_type(std::string_view a, std::string_view b);
// "https://open-workflow-specification.org/spec/1.0.0/errors/<name>".
std::string standard_error_type(std::string_view name);

}  // namespace sluice::manifest
