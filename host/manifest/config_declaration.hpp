// A value that each instance brings, as the manifest declares it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "json/schema.hpp"
#include "json/value.hpp"
#include "manifest/template_value.hpp"

namespace sluice::manifest {

// One choice of a picklist.
struct config_option {
    json::value value;  // text, a number, true or false
    std::string label;
};

// A connector's action that gives the choices of a picklist.
struct config_source {
    std::string connector;
    std::string action;
    std::string connection;            // may be empty
    template_value with;               // on null, with $config and $instance
    std::optional<template_value> as;  // on the action's output: the choices; none: the output is
    std::vector<std::string> needs;    // variables that these read, in order of their names
};

// One of our own fields, which a field map gives a name elsewhere.
struct config_field {
    std::string name;
    std::string title;
    std::string description;
    bool required = false;
};

struct config_declaration {
    enum class kind {
        string,
        text,
        secret,
        number,
        integer,
        boolean,
        date,
        timestamp,
        picklist,
        cron,
        json,
        object,
        array,
        field_map,
        key_values
    };
    // Who gives the value: the customer, too, or only the organization that runs the host.
    enum class audience { customer, organization };

    kind type = kind::string;
    bool required = false;
    audience visibility = audience::customer;
    std::optional<json::value> default_value;
    std::string title;
    std::string description;
    std::string time_zone;  // of a cron; IANA, empty: UTC

    std::string pattern;  // of texts; of the whole text. Empty: none
    std::string pattern_hint;
    std::shared_ptr<const json::schema> shape;      // what a text must look like; null: anything
    std::optional<json::value> minimum, maximum;    // numbers, dates, timestamps
    std::optional<std::int64_t> shortest, longest;  // characters of a text
    std::vector<config_option> options;             // of a picklist without source
    std::optional<config_source> source;            // of a picklist
    std::vector<config_field> fields;               // of a field map; empty: any
    base::source_position where;

    bool secret() const { return type == kind::secret; }
};

// What stands on one page of the form that asks for the values.
struct config_page {
    std::string title;
    std::string description;
    std::vector<std::string> variables;
};

}  // namespace sluice::manifest
