#include "manifest/use_reader.hpp"

#include <array>
#include <utility>

#include "expression/suggestion.hpp"
#include "manifest/duration_reader.hpp"

namespace sluice::manifest {
namespace {

template <class T>
const T* find_named(const cursor& at, const std::map<std::string, T, std::less<>>& all,
                    std::string_view what, std::string_view group, std::set<std::string>& used) {
    const std::string& name = at.content().as_string();
    const auto found = all.find(name);
    if (found != all.end()) {
        used.insert(std::string(group) + "/" + name);
        return &found->second;
    }
    std::vector<std::string> known;
    for (const auto& [each, ignored] : all)
        known.push_back(each);
    // What was meant is used, too.
    const std::string near = expression::nearest(name, known);
    if (!near.empty()) used.insert(std::string(group) + "/" + near);
    std::string hint = expression::did_you_mean(name, known);
    if (hint.empty()) hint = "declare it below `use: " + std::string(group) + ":`";
    at.problem("there is no " + std::string(what) + " \"" + name + "\"", std::move(hint));
    return nullptr;
}

std::optional<duration_template> read_after(const cursor& at, const expression_context& context) {
    at.refuse_unknown("a timeout", {"after"});
    if (!at.member("after").exists()) at.problem("a timeout needs `after`");
    return read_duration(at.member("after"), context);
}

void refuse_unsupported(const cursor& at) {
    const cursor catalogs = at.member("catalogs");
    if (catalogs.exists()) {
        catalogs.key_problem("catalogs are not supported",
                             "declare the function below `use: functions:`");
    }
    const cursor extensions = at.member("extensions");
    if (extensions.exists()) {
        extensions.key_problem("extensions are not supported",
                               "write the tasks before and after into the flow");
    }
}

// Those of a document are what it lists. A manifest declares its own; what it lists beside must be
// among them.
std::set<std::string, std::less<>> read_secrets(const cursor& at, const expression_context& context,
                                                bool plain) {
    std::set<std::string, std::less<>> made;
    if (!plain && context.config != nullptr) {
        for (const auto& [name, declared] : *context.config) {
            if (declared.secret()) made.insert(name);
        }
    }
    if (!at.exists() || !at.is_array("secrets")) return made;
    for (const cursor& each : at.items()) {
        const std::optional<std::string> name = each.text("the name of a secret", true);
        if (!name) continue;
        if (plain) {
            made.insert(*name);
        } else if (!made.contains(*name)) {
            each.problem("config has no secret \"" + *name + "\"",
                         "declare it: config: { " + *name + ": { type: secret } }");
        }
    }
    return made;
}

}  // namespace

use_parts read_use(const cursor& at, const expression_context& context, bool plain) {
    use_parts made;
    made.plain = plain;
    made.secrets = read_secrets(at.member("secrets"), context, plain);
    if (!at.exists() || !at.is_object("use")) return made;
    at.refuse_unknown("use", {"retries", "errors", "timeouts", "authentications", "functions",
                              "secrets", "catalogs", "extensions"});
    refuse_unsupported(at);
    const auto each_of = [&at](std::string_view group) {
        const cursor all = at.member(group);
        if (all.exists()) all.is_object(group);
        return all.members();
    };
    for (const cursor& each : each_of("timeouts")) {
        if (!each.is_object("a timeout")) continue;
        // A wrong one is there nevertheless: one mistake is one problem.
        made.timeouts[each.name()] = read_after(each, context).value_or(duration_template());
    }
    for (const cursor& each : each_of("retries")) {
        if (!each.is_object("a retry policy")) continue;
        retry_policy policy = read_policy(each, context);
        policy.name = each.name();
        made.retries[each.name()] = std::move(policy);
    }
    for (const cursor& each : each_of("errors")) {
        if (!each.is_object("an error")) continue;
        error_template error = read_error_parts(each, context);
        error.name = each.name();
        made.errors[each.name()] = std::move(error);
    }
    for (const cursor& each : each_of("authentications"))
        made.authentications[each.name()] = read_proof(each, made, context);
    for (const cursor& each : each_of("functions")) {
        made.functions.emplace(each.name(), declared_function{each, {}, {}});
    }
    return made;
}

void warn_about_unused(const cursor& at, const use_parts& use) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 5> groups = {
        {{"retries", "the retry policy"},
         {"errors", "the error"},
         {"timeouts", "the timeout"},
         {"authentications", "the authentication"},
         {"functions", "the function"}}};
    for (const auto& [group, what] : groups) {
        for (const cursor& each : at.member(group).members()) {
            if (use.used.count(std::string(group) + "/" + each.name()) > 0) continue;
            each.key_warning("nothing uses " + std::string(what) + " \"" + each.name() + "\"");
        }
    }
}

std::optional<retry_policy> read_retry(const cursor& at, use_parts& use,
                                       const expression_context& context) {
    if (!at.exists()) return std::nullopt;
    if (at.content().is_string()) {
        const retry_policy* const named =
            find_named(at, use.retries, "retry policy", "retries", use.used);
        return named == nullptr ? std::nullopt : std::optional(*named);
    }
    if (!at.is_object("retry")) return std::nullopt;
    return read_policy(at, context);
}

std::optional<error_template> read_error(const cursor& at, use_parts& use,
                                         const expression_context& context) {
    if (at.content().is_string()) {
        const error_template* const named = find_named(at, use.errors, "error", "errors", use.used);
        return named == nullptr ? std::nullopt : std::optional(*named);
    }
    if (!at.is_object("error")) return std::nullopt;
    return read_error_parts(at, context);
}

std::optional<duration_template> read_timeout(const cursor& at, use_parts& use,
                                              const expression_context& context) {
    if (!at.exists()) return std::nullopt;
    if (at.content().is_string()) {
        const duration_template* const named =
            find_named(at, use.timeouts, "timeout", "timeouts", use.used);
        return named == nullptr ? std::nullopt : std::optional(*named);
    }
    if (!at.is_object("timeout", "timeout: { after: PT30S }")) return std::nullopt;
    return read_after(at, context);
}

}  // namespace sluice::manifest
