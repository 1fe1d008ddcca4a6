#include "manifest/alert_reader.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "expression/suggestion.hpp"
#include "manifest/delivery_reader.hpp"

namespace sluice::manifest {
namespace {

using condition = alert::condition;
using texts = std::vector<std::string>;

constexpr std::int64_t shortest_ms = 1'000;
constexpr std::int64_t longest_ms = 366ll * 24 * 3'600'000;

bool is_alert_name(std::string_view text) {
    return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_';
    });
}

// Whether ends of it are recorded, so that somebody could be told of them.
bool has_ends(const flow& of) {
    return of.record != flow::record_kind::none &&
           !std::holds_alternative<preprocess_trigger>(of.trigger);
}

// Whether it could be missed: it is meant to come again and again.
bool can_be_overdue(const flow& of) {
    return !std::holds_alternative<deploy_trigger>(of.trigger) &&
           !std::holds_alternative<undeploy_trigger>(of.trigger);
}

void read_overdue(const cursor& at, alert& into) {
    into.on = condition::overdue;
    if (!at.is_object("overdue", "write { after: { hours: 2 } }")) return;
    at.refuse_unknown("overdue", {"after"});
    const cursor after = at.member("after");
    if (!after.exists()) {
        if (!after.is_mistyped()) {
            at.problem("overdue needs `after`", "for example overdue: { after: { hours: 2 } }");
        }
        return;
    }
    const std::optional<std::int64_t> given = after.duration();
    if (!given) return;
    into.after_ms = *given;
    if (*given < shortest_ms) {
        after.problem("a flow cannot be overdue after less than a second",
                      "write how long it may be without a success, for example { hours: 2 }");
    } else if (*given > longest_ms) {
        after.problem("after more than a year nobody would be waiting any more",
                      "write at most { days: 366 }");
    }
}

// False: it is not known what the alert waits for.
bool read_condition(const cursor& alert_at, alert& into) {
    const cursor at = alert_at.member("on");
    constexpr std::string_view choices =
        "on: failure, on: connection or on: { overdue: { after: { hours: 2 } } }";
    if (!at.exists()) {
        if (!at.is_mistyped()) {
            alert_at.problem("an alert needs `on`", "write " + std::string(choices));
        }
        return false;
    }
    if (at.content().is_object()) {
        at.refuse_unknown("a condition", {"overdue"});
        const cursor overdue = at.member("overdue");
        if (overdue.exists()) return read_overdue(overdue, into), true;
        if (at.content().size() == 0) at.problem("a condition is missing", std::string(choices));
        return false;
    }
    if (at.content() == json::value("overdue")) {
        at.problem("overdue needs `after`", "write on: { overdue: { after: { hours: 2 } } }");
        return false;
    }
    const auto given = at.one_of("condition of an alert", {"failure", "connection"});
    if (given == "connection") into.on = condition::connection;
    return given.has_value();
}

// The names of a list, each of them `known`.
texts read_names(const cursor& at, std::string_view kind, const texts& known) {
    texts made;
    if (!at.is_array(at.name())) return made;
    if (at.content().size() == 0) {
        at.problem("an alert that watches nothing is never raised",
                   "name a " + std::string(kind) + ", or leave this out for all of them");
    }
    for (const cursor& each : at.items()) {
        const std::optional<std::string> name = each.text(kind, true);
        if (!name) continue;
        if (std::ranges::find(known, *name) == known.end()) {
            each.problem("there is no " + std::string(kind) + " \"" + *name + "\"",
                         expression::did_you_mean(*name, known));
        } else if (std::ranges::find(made, *name) == made.end()) {
            made.push_back(*name);
        }
    }
    return made;
}

void read_connections(const cursor& at, const integration& of, alert& into) {
    if (at.member("flows").exists()) {
        at.member("flows").key_problem("an alert on connections does not look at flows",
                                       "name connections: [ ... ], or leave this out");
    }
    texts known;
    for (const auto& [name, ignored] : of.connections)
        known.push_back(name);
    if (known.empty()) {
        return at.member("on").problem("this integration has no connections",
                                       "declare what it connects to in `connections`");
    }
    const cursor given = at.member("connections");
    into.about = given.exists() ? read_names(given, "connection", known) : known;
}

void check_flow(const cursor& at, const flow& of, condition on) {
    if (!has_ends(of)) {
        at.problem("nothing is recorded of the flow \"" + of.name + "\"",
                   "an alert needs flows with record: full or metadata");
    } else if (on == condition::overdue && !can_be_overdue(of)) {
        at.problem("the flow \"" + of.name + "\" does not come again and again",
                   "only a deployment starts it");
    }
}

void read_flow_names(const cursor& at, const integration& of, alert& into) {
    if (at.member("connections").exists()) {
        at.member("connections")
            .key_problem("only an alert with on: connection looks at connections",
                         "name flows: [ ... ], or leave this out");
    }
    texts all;
    texts with_ends;
    for (const flow& each : of.flows) {
        all.push_back(each.name);
        if (has_ends(each)) with_ends.push_back(each.name);
    }
    const cursor given = at.member("flows");
    if (given.exists()) {
        into.about = read_names(given, "flow", all);
        for (const cursor& each : given.items()) {
            const json::value& name = each.content();
            const flow* const found = name.is_string() ? of.find_flow(name.as_string()) : nullptr;
            if (found != nullptr) check_flow(each, *found, into.on);
        }
    } else if (into.on == condition::overdue && !given.is_mistyped()) {
        at.problem("an alert on what is overdue names its `flows`",
                   "those that come again and again, for example flows: [ nightly ]");
    } else {
        into.about = with_ends;
    }
}

}  // namespace

void read_alerts(const cursor& at, reading& shared, integration& into) {
    if (!at.exists() || !at.is_object("alerts")) return;
    expression_context context;
    context.variables = {"config", "instance"};
    context.config = &into.config;
    for (const cursor& each : at.members()) {
        alert made;
        made.name = each.name();
        made.where = each.key_where();
        made.definition = each.content();
        if (!is_alert_name(made.name)) {
            each.key_problem("\"" + made.name + "\" cannot be the name of an alert",
                             "use letters, digits, dashes and underscores, at most 64");
        }
        if (!each.is_object("an alert")) continue;
        each.refuse_unknown("an alert", {"on", "flows", "connections", "url", "secret", "retry"});
        if (read_condition(each, made)) {
            if (made.on == condition::connection) {
                read_connections(each, into, made);
            } else {
                read_flow_names(each, into, made);
            }
        }
        made.url = read_delivery_url(each, "an alert", "url: ${ $config.alertUrl }", context, true);
        made.secret = read_delivery_secret(each, "the alert", into);
        made.retry = read_retry(each.member("retry"), shared.use, context);
        into.alerts.push_back(std::move(made));
    }
}

bool alert::watches(std::string_view flow_or_connection) const {
    return std::ranges::find(about, flow_or_connection) != about.end();
}

const char* to_string(alert::condition what) {
    switch (what) {
        case condition::failure:
            return "failure";
        case condition::overdue:
            return "overdue";
        case condition::connection:
            break;
    }
    return "connection";
}

}  // namespace sluice::manifest
