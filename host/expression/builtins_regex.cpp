// Functions about regular expressions.
#include <array>
#include <string>

#include "expression/arithmetic.hpp"
#include "expression/builtins.hpp"
#include "expression/regex_search.hpp"

namespace sluice::expression {
namespace {

using arguments = std::span<json::value>;

json::value text_of(const json::value& text, const text_span& span) {
    return std::string_view(text.as_string()).substr(span.begin, span.size);
}

std::int64_t number(std::size_t count) { return static_cast<std::int64_t>(count); }

// A group in a match without length counts as matched there, even when it was not part of it.
json::value describe_group(const json::value& text, const text_match& match, std::size_t at,
                           const json::value& name) {
    const bool empty_match = match.whole.size == 0;
    const text_span& group = empty_match ? match.whole : match.groups[at];
    if (!group.matched) {
        return json::value::object(
            {{"offset", -1}, {"string", nullptr}, {"length", 0}, {"name", name}});
    }
    if (group.size == 0) {
        return json::value::object(
            {{"offset", number(group.offset)}, {"string", ""}, {"length", 0}, {"name", name}});
    }
    return json::value::object({{"offset", number(group.offset)},
                                {"length", number(group.length)},
                                {"string", text_of(text, group)},
                                {"name", name}});
}

json::value describe_match(const json::value& text, const found_matches& found,
                           const text_match& match) {
    std::vector<json::value> captures;
    for (std::size_t i = 0; i < match.groups.size(); ++i) {
        captures.push_back(describe_group(text, match, i, found.group_names[i]));
    }
    return json::value::object({{"offset", number(match.whole.offset)},
                                {"length", number(match.whole.length)},
                                {"string", text_of(text, match.whole)},
                                {"captures", json::value::array(std::move(captures))}});
}

// The named groups' texts.
json::value captured(const json::value& text, const found_matches& found, const text_match& match) {
    json::value made = json::value::object();
    for (std::size_t i = 0; i < match.groups.size(); ++i) {
        if (found.group_names[i].is_null()) continue;
        const text_span& group = match.whole.size == 0 ? match.whole : match.groups[i];
        made.set(found.group_names[i].as_string(),
                 group.matched ? text_of(text, group) : json::value());
    }
    return made;
}

bool charge_matches(meter& used, const json::value& text, const found_matches& found) {
    constexpr std::size_t for_one = 8 * sizeof(json::member);
    std::size_t bytes = 0;
    for (const text_match& match : found.matches) {
        bytes += for_one + match.whole.size;
        for (const text_span& group : match.groups)
            bytes += for_one + group.size;
    }
    return used.charge(bytes + text.size());
}

// _match(pattern; flags): an array of all matches.
bool match(meter& used, arguments in, json::value& out) {
    found_matches found;
    if (!find_matches(used, in[0], in[1], in[2], search_for::all_matches, found)) return false;
    if (!found.matches.empty() && !charge_matches(used, in[0], found)) return false;
    std::vector<json::value> all;
    for (const text_match& each : found.matches)
        all.push_back(describe_match(in[0], found, each));
    out = json::value::array(std::move(all));
    return true;
}

// _capture(pattern; flags)
bool capture(meter& used, arguments in, json::value& out) {
    found_matches found;
    if (!find_matches(used, in[0], in[1], in[2], search_for::all_matches, found)) return false;
    if (!found.matches.empty() && !charge_matches(used, in[0], found)) return false;
    std::vector<json::value> all;
    for (const text_match& each : found.matches)
        all.push_back(captured(in[0], found, each));
    out = json::value::array(std::move(all));
    return true;
}

bool test(meter& used, arguments in, json::value& out) {
    found_matches found;
    if (!find_matches(used, in[0], in[1], in[2], search_for::any, found)) return false;
    out = !found.matches.empty();
    return true;
}

bool all_flags(meter& used, const json::value& flags, json::value& out) {
    return calculate(used, operation::add, "g", flags, out);
}

// _scan(pattern; flags): the matches' texts or, of a pattern with groups, the groups' texts.
bool scan(meter& used, arguments in, json::value& out) {
    found_matches found;
    json::value flags;
    if (!all_flags(used, in[2], flags)) return false;
    if (!find_matches(used, in[0], in[1], flags, search_for::all_matches, found)) return false;
    if (!found.matches.empty() && !charge_matches(used, in[0], found)) return false;
    std::vector<json::value> all;
    for (const text_match& each : found.matches) {
        std::vector<json::value> groups;
        for (const text_span& group : each.groups) {
            const text_span& shown = each.whole.size == 0 ? each.whole : group;
            groups.push_back(shown.matched ? text_of(in[0], shown) : json::value());
        }
        all.push_back(groups.empty() ? text_of(in[0], each.whole)
                                     : json::value::array(std::move(groups)));
    }
    out = json::value::array(std::move(all));
    return true;
}

bool split(meter& used, arguments in, json::value& out) {
    found_matches found;
    json::value flags;
    if (!all_flags(used, in[2], flags)) return false;
    if (!find_matches(used, in[0], in[1], flags, search_for::all_matches, found)) return false;
    const std::string_view text = in[0].as_string();
    if (!used.charge(text.size() + (found.matches.size() + 1) * sizeof(json::value))) return false;
    std::vector<json::value> parts;
    std::size_t start = 0;
    for (const text_match& each : found.matches) {
        parts.emplace_back(text.substr(start, each.whole.begin - start));
        start = each.whole.begin + each.whole.size;
    }
    parts.emplace_back(text.substr(start));
    out = json::value::array(std::move(parts));
    return true;
}

// The texts that sub() makes: one for each result that the replacement gives at every match.
class replacement {
  public:
    replacement(evaluator& runner, const node& code, const scope& names, const json::value& text)
        : runner_(runner), code_(code), names_(names), text_(text) {}

    outcome replace(const json::value& pattern, const json::value& flags, tracking mode, sink out) {
        found_matches found;
        if (!find_matches(used(), text_, pattern, flags, search_for::all_matches, found)) {
            return outcome::fail;
        }
        for (const text_match& match : found.matches) {
            if (const outcome how = replace_one(found, match); how != outcome::next) return how;
        }
        if (made_.empty()) return out(located::made(text_, mode));
        for (const std::string& each : made_) {
            std::string whole = each;
            whole += std::string_view(text_.as_string()).substr(done_);
            if (!used().charge(whole.size())) return outcome::fail;
            const outcome how = out(located::made(std::move(whole), mode));
            if (how != outcome::next) return how;
        }
        return outcome::next;
    }

  private:
    meter& used() { return runner_.used(); }

    outcome replace_one(const found_matches& found, const text_match& match) {
        const std::string_view gap =
            std::string_view(text_.as_string()).substr(done_, match.whole.begin - done_);
        std::vector<json::value> inserts;
        const auto keep = [&](json::value&& insert) {
            if (!used().charge(sizeof(json::value))) return outcome::fail;
            inserts.push_back(std::move(insert));
            return outcome::next;
        };
        const outcome how = runner_.each_value(code_, names_, captured(text_, found, match), keep);
        if (how != outcome::next) return how;
        for (std::size_t i = 0; i < inserts.size(); ++i) {
            if (!append(i, gap, inserts[i])) return outcome::fail;
        }
        done_ = match.whole.begin + match.whole.size;
        return outcome::next;
    }

    bool append(std::size_t at, std::string_view gap, const json::value& insert) {
        if (!insert.is_string() && !insert.is_null()) {
            return used().fail(describe(json::value(gap)) + " and " + describe(insert) +
                               " cannot be added");
        }
        if (!used().charge(gap.size() + insert.size())) return false;
        if (at >= made_.size()) made_.resize(at + 1);
        made_[at] += gap;
        if (insert.is_string()) made_[at] += insert.as_string();
        return true;
    }

    evaluator& runner_;
    const node& code_;
    const scope& names_;
    json::value text_;
    std::vector<std::string> made_;
    std::size_t done_ = 0;  // bytes of the text
};

// sub(pattern; replacement; flags)
outcome sub(evaluator& runner, const node& call, const scope& names, located in, sink out) {
    return runner.each_value(*call.child(0), names, in.value, [&](json::value&& pattern) {
        return runner.each_value(*call.child(2), names, in.value, [&](json::value&& flags) {
            return replacement(runner, *call.child(1), names, in.value)
                .replace(pattern, flags, in.mode, out);
        });
    });
}

constexpr std::array table = {
    builtin{"_match", 2, match, nullptr}, builtin{"_capture", 2, capture, nullptr},
    builtin{"_scan", 2, scan, nullptr},   builtin{"test", 2, test, nullptr},
    builtin{"split", 2, split, nullptr},  builtin{"sub", 3, nullptr, sub},
};

}  // namespace

std::span<const builtin> regex_builtins() { return table; }

}  // namespace sluice::expression
