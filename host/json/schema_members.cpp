// The keywords for the members of objects: properties, patternProperties, additionalProperties,
// propertyNames.
#include <algorithm>
#include <unordered_map>
#include <utility>

#include "json/schema_pattern.hpp"
#include "json/schema_reader.hpp"
#include "json/schema_validation.hpp"

namespace sluice::json::schemas {
namespace {

struct pattern_member {
    base::regex pattern;
    const node* expected;
};

// The three keywords that share the members among themselves.
struct member_rules {
    std::vector<std::string> names;  // as written, for messages
    std::unordered_map<std::string, const node*> named;
    std::vector<pattern_member> patterns;
    const node* others = nullptr;
    bool others_forbidden = false;  // additionalProperties: false
    std::string others_pointer;
};

class members_keyword : public keyword {
  public:
    members_keyword(std::string pointer, member_rules rules)
        : keyword(std::move(pointer)), rules_(std::move(rules)) {}

    bool check(const subject& of, validation& run) const override {
        if (!of.instance.is_object()) return true;
        const auto members = of.instance.members();
        bool fits = true;
        for (std::size_t i = 0; i < members.size() && !run.stopped(); ++i) {
            const place where{&of.at, &members[i].first, 0};
            bool looked_at = false;
            fits = check_member(members[i], of.child(members[i].second, where), run, looked_at) &&
                   fits;
            if (!fits && of.quiet) return false;
            if (looked_at && of.seen != nullptr) evaluated::mark(of.seen->members, i);
        }
        return fits && !run.stopped();
    }

  private:
    bool check_member(const member& each, const subject& of, validation& run,
                      bool& looked_at) const {
        bool fits = true;
        if (const auto named = rules_.named.find(each.first); named != rules_.named.end()) {
            looked_at = true;
            fits = run.apply(*named->second, of);
        }
        for (const pattern_member& candidate : rules_.patterns) {
            if (!run.matches(of, candidate.pattern, each.first)) continue;
            looked_at = true;
            fits = run.apply(*candidate.expected, of) && fits;
        }
        if (looked_at || rules_.others == nullptr) return fits && !run.stopped();
        looked_at = true;
        if (!rules_.others_forbidden) return run.apply(*rules_.others, of);
        if (!run.charge(of, 1)) return false;
        return run.fail(of, rules_.others_pointer, [&] { return unknown(each.first); });
    }

    std::string unknown(const std::string& name) const {
        constexpr std::size_t most = 8;
        std::string text = "there is no " + short_text(value(name)) + " here";
        for (std::size_t i = 0; i < std::min(rules_.names.size(), most); ++i) {
            text += (i == 0 ? "; known: " : ", ") + rules_.names[i];
        }
        return rules_.names.size() > most ? text + ", ..." : text;
    }

    member_rules rules_;
};

class names_keyword : public keyword {
  public:
    names_keyword(std::string pointer, const node& expected)
        : keyword(std::move(pointer)), expected_(expected) {}

    bool check(const subject& of, validation& run) const override {
        if (!of.instance.is_object()) return true;
        bool fits = true;
        for (const member& each : of.instance.members()) {
            const value name(each.first);
            if (run.apply(expected_, {name, of.at, nullptr, true})) continue;
            fits = run.fail(of, pointer(), [&] {
                return "the name " + short_text(name) + " does not fit \"propertyNames\"";
            });
            if (of.quiet || run.stopped()) return false;
        }
        return fits;
    }

  private:
    const node& expected_;
};

}  // namespace

void read_members(schema_reader& from) {
    member_rules rules;
    for (auto& [name, expected] : from.named_subschemas("properties")) {
        rules.names.push_back(name);
        rules.named.emplace(std::move(name), expected);
    }
    for (const auto& [written, expected] : from.named_subschemas("patternProperties")) {
        auto pattern = compile_pattern(written);
        if (pattern) {
            rules.patterns.push_back({std::move(*pattern), expected});
        } else {
            from.refuse("patternProperties", "\"" + written + "\" is no valid pattern: " +
                                                 pattern.error_value().message);
        }
    }
    rules.others = from.subschema("additionalProperties");
    if (const value* const others = from.find("additionalProperties")) {
        rules.others_forbidden = others->is_bool() && !others->as_bool();
        rules.others_pointer = from.pointer("additionalProperties");
    }
    if (!rules.named.empty() || !rules.patterns.empty() || rules.others != nullptr) {
        from.add<members_keyword>("properties", std::move(rules));
    }
    if (const node* const expected = from.subschema("propertyNames")) {
        from.add<names_keyword>("propertyNames", *expected);
    }
}

}  // namespace sluice::json::schemas
