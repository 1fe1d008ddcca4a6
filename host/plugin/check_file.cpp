// What can be said about a connector's file without running anything of it.
#include <algorithm>

#include "base/file.hpp"
#include "json/schema.hpp"
#include "json/text.hpp"
#include "plugin/action_flags.hpp"
#include "plugin/binary_section.hpp"
#include "plugin/full_check.hpp"
#include "plugin/scan.hpp"
#include "sluice/abi.h"

namespace sluice::plugin {

namespace {

using json::value;

constexpr std::int64_t longest_scan_ms = 100;
constexpr const char* correct = "Correct connector.json and build the connector again.";

class finder {
  public:
    explicit finder(check_test& test) : test_(test) {}
    void fail(std::string message, std::string next = correct) {
        test_.findings.push_back({true, std::move(message), std::move(next), {}});
    }
    void warn(std::string message, std::string next) {
        test_.findings.push_back({false, std::move(message), std::move(next), {}});
    }

  private:
    check_test& test_;
};

std::string in_code(std::string_view text) { return "`" + std::string(text) + "`"; }

// The host adds the request to what a verifier is called with.
value complete(value input, const action_description& action) {
    if (action.verifier && input.is_object() && input.find("request") == nullptr) {
        input.set("request", value::object({{"method", "POST"},
                                            {"path", "/hooks/check"},
                                            {"query", value::object({})},
                                            {"headers", value::object({})},
                                            {"body", "{}"}}));
    }
    return input;
}

void check_examples(finder& found, const action_description& action, const value& content) {
    const auto schema_of = [&](const value& document,
                               const char* which) -> std::optional<json::schema> {
        if (document.is_null()) return {};
        auto compiled = json::schema::compile(document);
        if (compiled) return *compiled;
        found.fail("action " + in_code(action.id) + ": its " + which +
                   " schema is none: " + compiled.error_value().message);
        return {};
    };
    const auto input = schema_of(action.input_schema, "input");
    const auto output = schema_of(action.output_schema, "output");
    const value* const examples = content.find("examples");
    if (examples == nullptr || !examples->is_array()) return;
    std::size_t number = 0;
    for (const value& example : examples->items()) {
        const auto check = [&](const char* which, const std::optional<json::schema>& schema,
                               const value& given) {
            if (!schema) return;
            const auto violations = schema->validate(given);
            if (violations.empty()) return;
            found.fail("action " + in_code(action.id) + ": the " + which + " of its example " +
                       std::to_string(number) +
                       " does not fit its schema: " + json::explain(violations.front()));
        };
        ++number;
        if (!example.is_object()) {
            found.fail("action " + in_code(action.id) + ": its example " + std::to_string(number) +
                       " is no object with `input`");
            continue;
        }
        check("input", input, complete(example.get("input"), action));
        if (example.find("output") != nullptr) check("output", output, example.get("output"));
    }
}

void check_words(finder& found, const descriptor& d) {
    const auto missing = [&](bool is, const char* key, const char* why) {
        if (is) found.warn(std::string("the descriptor has no ") + in_code(key), why);
    };
    missing(d.description.empty(), "description", "Say in one sentence what it connects.");
    missing(d.vendor.empty(), "vendor", "Say whom to ask.");
    missing(d.licence.empty(), "licence", "Say under which terms it may be used.");
    missing(d.icon.empty(), "icon", "Add an SVG of at most 16 KB.");
    missing(d.docs.empty(), "docs", "Add a Markdown text for the people who set it up.");
    for (const auto& [type, connection] : d.connections) {
        if (!connection.test.empty() || connection.kind == "none") continue;
        found.warn("connection type " + in_code(type) + " has no " + in_code("test"),
                   "Name an action that shows whether a connection works.");
    }
}

void check_action_words(finder& found, const action_description& action, const value& content) {
    const std::string start = "action " + in_code(action.id);
    if (action.description.empty()) {
        found.warn(start + " has no description", "Say what it does and how it fails.");
    }
    if (action.output_schema.is_null()) {
        found.warn(start + " has no output schema", "Say what later steps may rely on.");
    }
    const value& properties = action.input_schema.get("properties");
    std::string silent;
    if (properties.is_object()) {
        for (const auto& [name, property] : properties.members()) {
            if (!property.string_or("description", "").empty()) continue;
            if (!property.string_or("title", "").empty()) continue;
            silent += (silent.empty() ? "" : ", ") + name;
        }
    }
    if (!silent.empty()) {
        found.warn(start + ": no description of its input " + silent,
                   "Say of each property what it means.");
    }
    const value* const errors = content.find("errors");
    if (errors == nullptr || !errors->is_array()) return;
    if (errors->items().size() != action.errors.size()) {
        found.warn(start + " names an error that this host does not know",
                   "docs/descriptor.md has the list of codes.");
    }
}

}  // namespace

check_test check_descriptor(const std::filesystem::path& file) {
    check_test test{"descriptor", {}, {}, 0};
    finder found(test);
    const auto verdict = inspect_file(file);
    if (const auto* refused = std::get_if<refusal>(&verdict)) {
        found.fail(refused->reason, refused->next_step);
        return test;
    }
    const descriptor& d = std::get<found_connector>(verdict).description;
    test.saw = d.id + " " + d.version.to_text() + ", " + std::to_string(d.actions.size()) +
               " action(s), " + std::to_string(d.connections.size()) + " connection type(s)";
    for (const auto& [type, connection] : d.connections) {
        if (connection.fields.is_null()) continue;
        const auto compiled = json::schema::compile(connection.fields);
        if (compiled) continue;
        found.fail("connection type " + in_code(type) +
                   ": its fields are no schema: " + compiled.error_value().message);
    }
    for (const auto& [id, action] : d.actions) {
        const value& content = d.document.get("actions").get(id);
        check_examples(found, action, content);
        check_action_words(found, action, content);
        const value& flags = content.get("flags");
        if (!flags.is_array()) continue;
        for (const value& flag : flags.items()) {
            if (flag.is_string() && !is_known_flag(flag.as_string())) {
                found.warn("action " + in_code(id) + " has the flag " + in_code(flag.as_string()) +
                               ", which this host does not know",
                           "docs/descriptor.md has the list of flags.");
            }
        }
    }
    check_words(found, d);
    return test;
}

check_test check_symbols(const std::filesystem::path& file) {
    check_test test{"symbols", {}, {}, 0};
    finder found(test);
    const auto bytes = base::read_file(file, library_size_limit);
    const auto facts = read_binary(bytes ? *bytes : std::string(), SLUICE_DESCRIPTOR_SECTION);
    if (!facts) {
        found.fail(facts.error_value().message, facts.error_value().hint);
        return test;
    }
    std::string needed;
    for (const std::string& name : facts->needed)
        needed += (needed.empty() ? "" : ", ") + name;
    test.saw = "needs " + (needed.empty() ? "no library" : needed);
    std::size_t others = 0;
    std::string first;
    for (const std::string& name : facts->exports) {
        if (name == SLUICE_ENTRY_NAME) continue;
        if (others++ == 0) first = name;
    }
    if (others != 0) {
        found.fail("it exports " + in_code(first) + " and " + std::to_string(others) +
                       " name(s) in all beside its entry function",
                   "Build it with sluice_add_connector, which hides them.");
    }
    if (std::ranges::find(facts->exports, SLUICE_ENTRY_NAME) == facts->exports.end()) {
        found.fail("it does not export the function " + in_code(SLUICE_ENTRY_NAME),
                   "SLUICE_CONNECTOR or SLUICE_EXPORT does it.");
    }
    if (!facts->unique_symbols.empty()) {
        found.fail("it has GNU-unique symbols such as " + in_code(facts->unique_symbols.front()) +
                       ", which all connectors of a process would share",
                   "Compile with -fno-gnu-unique; sluice_add_connector does it.");
    }
    return test;
}

check_test check_scan_time(const std::filesystem::path& file, base::clock& time) {
    check_test test{"scan-time", {}, {}, 0};
    // The best of three: a busy machine is not the connector's fault.
    std::int64_t best_ms = -1;
    for (int i = 0; i < 3; ++i) {
        const std::int64_t begun = time.steady_ns();
        const auto verdict = inspect_file(file);
        const std::int64_t took_ms = (time.steady_ns() - begun) / 1'000'000;
        if (best_ms < 0 || took_ms < best_ms) best_ms = took_ms;
    }
    test.saw = "read in " + std::to_string(best_ms) + " ms";
    if (best_ms > longest_scan_ms) {
        finder(test).warn("reading it takes " + std::to_string(best_ms) +
                              " ms, which each start of a host waits for",
                          "Strip the library and leave out what it does not need.");
    }
    return test;
}

}  // namespace sluice::plugin
