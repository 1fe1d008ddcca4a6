#include "manifest/cursor.hpp"

#include <algorithm>
#include <utility>

#include "expression/suggestion.hpp"
#include "manifest/duration.hpp"

namespace sluice::manifest {
namespace {

std::string unescape(std::string_view token) {
    std::string made;
    for (std::size_t i = 0; i < token.size(); ++i) {
        if (token[i] == '~' && i + 1 < token.size()) {
            made += token[++i] == '0' ? '~' : '/';
        } else {
            made += token[i];
        }
    }
    return made;
}

base::error make_problem(base::source_position where, std::string message, std::string hint) {
    base::error made =
        base::make_error(base::error_code::invalid_input, std::move(message), std::move(hint));
    made.where = std::move(where);
    return made;
}

// The place of the colon in `key:value`; npos when the text is nothing like that.
std::size_t glued_colon(std::string_view text) {
    const std::size_t colon = text.find(':');
    const bool glued = colon != std::string_view::npos && colon > 0 && colon + 1 < text.size() &&
                       text[colon + 1] != ' ' && text[colon + 1] != '/';
    return glued ? colon : std::string_view::npos;
}

std::string space_missing(std::string_view key) {
    return "a space is missing after \"" + std::string(key) + ":\"";
}

std::string hint_for(std::string_view name, const std::vector<std::string>& known) {
    const std::string_view key = name.substr(0, glued_colon(name));
    if (key != name && std::find(known.begin(), known.end(), key) != known.end()) {
        return space_missing(key);
    }
    if (name.starts_with("\u00a0")) return "the line begins with a no-break space; use spaces";
    return expression::did_you_mean(name, known);
}

}  // namespace

std::string_view kind_name(const json::value& content) {
    switch (content.kind()) {
        case json::kind::null:
            return "nothing";
        case json::kind::boolean:
            return "true or false";
        case json::kind::number:
            return "a number";
        case json::kind::string:
            return "text";
        case json::kind::array:
            return "a list";
        case json::kind::object:
            return "an object";
    }
    return "something else";
}

const json::value& cursor::content() const {
    static const json::value nothing;
    return content_ == nullptr ? nothing : *content_;
}

std::string cursor::name() const { return unescape(pointer_.substr(pointer_.rfind('/') + 1)); }

cursor cursor::member(std::string_view key) const {
    cursor inner = *this;
    inner.pointer_ = pointer_to(pointer_, key);
    inner.content_ = content_ == nullptr ? nullptr : content_->find(key);
    return inner;
}

std::vector<cursor> cursor::members() const {
    std::vector<cursor> all;
    if (!content().is_object()) return all;
    for (const json::member& each : content().members())
        all.push_back(member(each.first));
    return all;
}

std::vector<cursor> cursor::items() const {
    std::vector<cursor> all;
    if (!content().is_array()) return all;
    for (std::size_t i = 0; i < content().size(); ++i) {
        cursor inner = *this;
        inner.pointer_ = pointer_to(pointer_, i);
        inner.content_ = &content().at(i);
        all.push_back(std::move(inner));
    }
    return all;
}

void cursor::problem_at(base::source_position where, std::string message, std::string hint) const {
    findings_->problems.push_back(
        make_problem(std::move(where), std::move(message), std::move(hint)));
}

void cursor::problem(std::string message, std::string hint) const {
    problem_at(where(), std::move(message), std::move(hint));
}

void cursor::key_problem(std::string message, std::string hint) const {
    problem_at(key_where(), std::move(message), std::move(hint));
}

void cursor::warning(std::string message, std::string hint) const {
    findings_->warnings.push_back(make_problem(where(), std::move(message), std::move(hint)));
}

void cursor::key_warning(std::string message, std::string hint) const {
    findings_->warnings.push_back(make_problem(key_where(), std::move(message), std::move(hint)));
}

bool cursor::is_mistyped() const {
    return !exists() && findings_->mistyped.find(pointer_) != findings_->mistyped.end();
}

void cursor::missing(std::string_view what) const {
    if (!is_mistyped()) problem(std::string(what) + " is missing");
}

bool cursor::is_object(std::string_view what, std::string_view instead) const {
    if (!exists()) {
        missing(what);
        return false;
    }
    if (content_->is_object()) return true;
    std::string hint;
    const std::size_t colon =
        content_->is_string() ? glued_colon(content_->as_string()) : std::string::npos;
    if (colon != std::string::npos) {
        hint = space_missing(content_->as_string().substr(0, colon));
    } else if (!instead.empty()) {
        hint = "write " + std::string(instead);
    } else if (content_->is_null()) {
        hint = "indent what belongs to it deeper than its name, or write {}";
    }
    problem(std::string(what) + " must be an object, not " + std::string(kind_name(*content_)),
            std::move(hint));
    return false;
}

bool cursor::is_file_of(std::string_view what, std::string_view begin) const {
    if (content().is_object()) return true;
    problem(content().is_null() ? "the file is empty; " + std::string(what) + " was expected"
                                : std::string(what) + " must be an object, not " +
                                      std::string(kind_name(content())),
            "begin with " + std::string(begin));
    return false;
}

bool cursor::is_array(std::string_view what) const {
    if (!exists()) {
        missing(what);
        return false;
    }
    if (content_->is_array()) return true;
    if (content_->is_object() && content_->size() > 0 &&
        content_->members().front().first.starts_with("-")) {
        members().front().key_problem("a space is missing after the \"-\" of an item");
        return false;
    }
    problem(std::string(what) + " must be a list, not " + std::string(kind_name(*content_)),
            "begin each item with \"- \"");
    return false;
}

std::optional<std::string> cursor::text(std::string_view what, bool required) const {
    if (!exists() || (content_->is_null() && !required)) {
        if (required) missing(what);
        return std::nullopt;
    }
    if (content_->is_string()) return content_->as_string();
    const bool quotable = content_->is_number() || content_->is_bool();
    problem(std::string(what) + " must be text, not " + std::string(kind_name(*content_)),
            quotable ? "put it in quotes" : "");
    return std::nullopt;
}

std::optional<bool> cursor::flag(std::string_view what) const {
    if (!exists()) return std::nullopt;
    if (content_->is_bool()) return content_->as_bool();
    problem(std::string(what) + " must be true or false, not " + std::string(kind_name(*content_)),
            content_->is_string() ? "without quotes; yes and no are text" : "");
    return std::nullopt;
}

std::optional<std::int64_t> cursor::whole_number(std::string_view what) const {
    if (!exists()) return std::nullopt;
    if (content_->is_number() && content_->number_form() == json::number_form::int64 &&
        content_->as_int64() >= 0) {
        return content_->as_int64();
    }
    problem(std::string(what) + " must be a whole number from 0, not " +
            std::string(kind_name(*content_)));
    return std::nullopt;
}

bool cursor::has_units() const {
    bool all = true;
    for (const cursor& each : members()) {
        const base::result<void> known = check_unit(each.name());
        if (known) continue;
        each.key_problem(known.error_value().message, known.error_value().hint);
        all = false;
    }
    return all;
}

std::optional<std::int64_t> cursor::duration() const {
    if (!exists() || !has_units()) return std::nullopt;
    const base::result<std::int64_t> read = parse_duration(*content_);
    if (read) return *read;
    problem(read.error_value().message, read.error_value().hint);
    return std::nullopt;
}

std::optional<std::string> cursor::one_of(std::string_view what,
                                          std::initializer_list<std::string_view> choices) const {
    std::optional<std::string> given = text(what);
    if (!given) return std::nullopt;
    for (const std::string_view choice : choices) {
        if (*given == choice) return given;
    }
    const std::vector<std::string> known(choices.begin(), choices.end());
    problem("\"" + *given + "\" is not a " + std::string(what),
            expression::did_you_mean(*given, known));
    return std::nullopt;
}

void cursor::refuse_unknown(std::string_view what,
                            std::initializer_list<std::string_view> known) const {
    refuse_all_but(what, {known.begin(), known.size()});
}

void cursor::refuse_all_but(std::string_view what, std::span<const std::string_view> known) const {
    const std::vector<std::string> names(known.begin(), known.end());
    for (const cursor& each : members()) {
        const std::string name = each.name();
        if (std::find(names.begin(), names.end(), name) != names.end()) continue;
        refuse_member(what, name, names);
    }
}

void cursor::refuse_member(std::string_view what, std::string_view name,
                           const std::vector<std::string>& known) const {
    const std::string near = expression::nearest(name.substr(0, glued_colon(name)), known);
    if (!near.empty()) findings_->mistyped.insert(pointer_to(pointer_, near));
    member(name).key_problem(std::string(what) + " has no \"" + std::string(name) + "\"",
                             hint_for(name, known));
}

}  // namespace sluice::manifest
