// One schema object while it is compiled: what readers of keywords use. Inside the module only.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "json/schema_identifiers.hpp"
#include "json/schema_node.hpp"

namespace sluice::json::schemas {

class compiler;

class schema_reader {
  public:
    schema_reader(compiler& owner, const location& at, node& into)
        : owner_(owner), at_(at), into_(into) {}

    bool is_draft7() const { return at_.scope.dialect == dialect::draft7; }
    // The keyword's value; null when the schema does not have it.
    const value* find(std::string_view keyword) const { return at_.content.find(keyword); }
    std::string pointer(std::string_view keyword) const { return pointer_to(at_.pointer, keyword); }

    // These refuse the document when the value is of another kind.
    const value* number(std::string_view keyword);
    const std::string* text(std::string_view keyword);
    std::optional<std::uint64_t> count(std::string_view keyword);
    std::vector<std::string> names(std::string_view keyword);
    const node* subschema(std::string_view keyword);  // null when missing
    std::vector<const node*> subschemas(std::string_view keyword);
    std::vector<std::pair<std::string, const node*>> named_subschemas(std::string_view keyword);
    // The schema at keyword/token.
    const node* subschema_in(std::string_view keyword, std::string_view token,
                             const value& content);
    // The list of names at keyword/token.
    std::vector<std::string> names_in(std::string_view keyword, std::string_view token,
                                      const value& content);

    // The document is not accepted. The first reason counts.
    void refuse(std::string_view keyword, std::string message, std::string hint = {});
    // Sets `*target` when all schemas are known. `target` must stay where it is.
    void refer(std::string_view keyword, const std::string& reference, const node** target);

    template <class Keyword, class... Arguments>
    Keyword& add(std::string_view keyword, Arguments&&... arguments) {
        auto made =
            std::make_unique<Keyword>(pointer(keyword), std::forward<Arguments>(arguments)...);
        Keyword& kept = *made;
        into_.keywords.push_back(std::move(made));
        return kept;
    }
    template <class Keyword, class... Arguments>
    void add_last(std::string_view keyword, Arguments&&... arguments) {
        into_.last.push_back(
            std::make_unique<Keyword>(pointer(keyword), std::forward<Arguments>(arguments)...));
    }
    void accept_only(kinds accepted) { into_.accepts = accepted; }

  private:
    const node* compile_at(const value& content, std::string pointer);
    std::vector<std::string> names_at(const value& content, std::string pointer);

    compiler& owner_;
    const location& at_;
    node& into_;
};

// The groups of keywords, each in its own source.
void read_references(schema_reader& from);
void read_general(schema_reader& from);  // type, enum, const
void read_number(schema_reader& from);
void read_string(schema_reader& from);
void read_items(schema_reader& from);
void read_contains(schema_reader& from);
void read_members(schema_reader& from);       // properties and their like
void read_requirements(schema_reader& from);  // how many members, and which
void read_logic(schema_reader& from);
void read_dependencies(schema_reader& from);
void read_unevaluated(schema_reader& from);

}  // namespace sluice::json::schemas
