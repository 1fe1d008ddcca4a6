#include "manifest/cursor.hpp"

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

bool cursor::is_object(std::string_view what) const {
    if (!exists()) {
        problem(std::string(what) + " is missing");
        return false;
    }
    if (content_->is_object()) return true;
    problem(std::string(what) + " must be an object, not " + std::string(kind_name(*content_)));
    return false;
}

bool cursor::is_array(std::string_view what) const {
    if (!exists()) {
        problem(std::string(what) + " is missing");
        return false;
    }
    if (content_->is_array()) return true;
    problem(std::string(what) + " must be a list, not " + std::string(kind_name(*content_)),
            "begin each item with \"- \"");
    return false;
}

std::optional<std::string> cursor::text(std::string_view what, bool required) const {
    if (!exists() || (content_->is_null() && !required)) {
        if (required) problem(std::string(what) + " is missing");
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

std::optional<std::int64_t> cursor::duration() const {
    if (!exists()) return std::nullopt;
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
    const std::vector<std::string> names(known.begin(), known.end());
    for (const cursor& each : members()) {
        const std::string name = each.name();
        bool found = false;
        for (const std::string& candidate : names)
            found = found || candidate == name;
        if (found) continue;
        each.key_problem(std::string(what) + " has no \"" + name + "\"",
                         expression::did_you_mean(name, names));
    }
}

}  // namespace sluice::manifest
