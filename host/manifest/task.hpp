// The tasks of a flow (Open Workflow Specification 1.0 vocabulary), validated and compiled.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/error.hpp"
#include "json/value.hpp"
#include "manifest/template_value.hpp"

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

struct call_task {
    std::string function;    // as written: "github.createIssue", "state.get", "log"
    std::string connector;   // empty for a built-in function
    std::string action;      // "createIssue"; for a built-in the whole name
    std::string connection;  // name of the integration's connection; may be empty
    template_value with;     // object, without `connection`
};

struct set_task {
    template_value content;
};

struct do_task {
    task_list tasks;
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
    std::optional<std::int64_t> timeout_ms;
    directive then;

    std::variant<call_task, set_task, do_task, try_task, switch_task, raise_task> body;
};

// Equal, or the same one of the eight standard error names under any of its known prefixes.
bool same_error_type(std::string_view a, std::string_view b);
// "https://open-workflow-specification.org/spec/1.0.0/errors/<name>".
std::string standard_error_type(std::string_view name);

}  // namespace sluice::manifest
