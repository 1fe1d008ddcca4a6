// Walking through a document while noting everything that is wrong with it. Inside the module only.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "manifest/document.hpp"

namespace sluice::manifest {

struct findings {
    std::vector<base::error> problems;
    std::vector<base::error> warnings;
    // Pointers of the members that "did you mean" named: they are mistyped and not missing.
    std::set<std::string, std::less<>> mistyped;
};

// One value of the document, or the place where it is missing.
class cursor {
  public:
    cursor(const document& in, findings& into) : document_(&in), findings_(&into) {
        content_ = &in.content;
    }

    bool exists() const { return content_ != nullptr; }
    // Null when it does not exist.
    const json::value& content() const;
    const std::string& pointer() const { return pointer_; }
    const document& source() const { return *document_; }
    base::source_position where() const { return document_->value_position(pointer_); }
    base::source_position key_where() const { return document_->key_position(pointer_); }
    // The last reference token: a member's name.
    std::string name() const;

    cursor member(std::string_view key) const;
    std::vector<cursor> members() const;
    std::vector<cursor> items() const;

    // Each notes a problem and gives false or nothing when the value is there but not as wanted;
    // without a value: nothing, and a problem if `required`.
    // `instead`, if any, is what to write in place of a wrong value.
    bool is_object(std::string_view what, std::string_view instead = {}) const;
    bool is_array(std::string_view what) const;
    std::optional<std::string> text(std::string_view what, bool required = false) const;
    std::optional<bool> flag(std::string_view what) const;
    std::optional<std::int64_t> whole_number(std::string_view what) const;
    std::optional<std::int64_t> duration() const;
    // Whether every member is a unit of time; true without members.
    bool has_units() const;
    std::optional<std::string> one_of(std::string_view what,
                                      std::initializer_list<std::string_view> choices) const;
    // Whether it does not exist, and a mistyped name that is noted already stands for it.
    bool is_mistyped() const;
    // Whether it, the top of the file, has members; `begin` says with what such a file begins.
    bool is_file_of(std::string_view what, std::string_view begin) const;
    // Notes every member that is not `known`, with the nearest known one. To be called before the
    // members are asked for: what is mistyped is not missing, too.
    void refuse_unknown(std::string_view what, std::initializer_list<std::string_view> known) const;

    void refuse_all_but(std::string_view what, std::span<const std::string_view> known) const;
    // The same for one member that is known to be unknown.
    void refuse_member(std::string_view what, std::string_view name,
                       const std::vector<std::string>& known) const;

    void problem(std::string message, std::string hint = {}) const;
    void key_problem(std::string message, std::string hint = {}) const;
    void problem_at(base::source_position where, std::string message, std::string hint) const;
    void warning(std::string message, std::string hint = {}) const;
    void key_warning(std::string message, std::string hint = {}) const;

  private:
    void missing(std::string_view what) const;

    const document* document_;
    findings* findings_;
    const json::value* content_;
    std::string pointer_;
};

// `a number`, `text`, ... for "expected an object, got a number".
std::string_view kind_name(const json::value& content);

}  // namespace sluice::manifest
