// One integration as its manifest declares it, validated.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "json/value.hpp"
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

struct config_declaration {
    enum class kind { string, secret, number, integer, boolean, cron, object, array };
    kind type = kind::string;
    bool required = false;
    std::optional<json::value> default_value;
    std::string description;
    base::source_position where;

    bool secret() const { return type == kind::secret; }
};

struct call_reference {  // of webhook.verify
    std::string connector;
    std::string action;
    std::string connection;  // may be empty
    template_value with;
    base::source_position where;
};

struct webhook_trigger {
    enum class reply { accepted, result };
    std::optional<call_reference> verify;
    reply mode = reply::accepted;
    bool body_as_blob = false;  // `body: blob`: streamed to disk, $trigger.body is its handle
};

struct call_trigger {};  // started by `flow.start`, `sluice run` and tests

struct queue_rules {
    // Evaluated on the trigger payload with $config, $instance and $trigger.
    std::optional<template_value> key;
    std::optional<template_value> dedupe;
    bool fifo = false;
};

struct flow {
    std::string name;
    base::source_position where;
    json::value definition;
    std::variant<webhook_trigger, call_trigger> trigger;
    queue_rules queue;
    std::optional<template_value> input_from;
    json::value input_schema;  // null when absent
    std::optional<template_value> output_as;
    std::optional<std::int64_t> timeout_ms;
    task_list tasks;
};

struct integration {
    std::string id;  // "namespace/name"
    std::string version;
    std::string title;
    std::map<std::string, version_constraint, std::less<>> connectors;
    std::map<std::string, connection_declaration, std::less<>> connections;
    std::map<std::string, config_declaration, std::less<>> config;
    std::vector<flow> flows;
    std::string
        hash;  // SHA-256 in hex of the canonical content: comments and key order do not count
    std::string source;  // path of the file
    json::value document;

    const flow* find_flow(std::string_view name) const;
};

// Every call of the flow, nested ones included, in order.
std::vector<const task*> call_tasks(const flow& of);

}  // namespace sluice::manifest
