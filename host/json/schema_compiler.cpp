#include "json/schema_compiler.hpp"

#include <array>
#include <utility>

#include "json/schema_compiler_state.hpp"
#include "json/schema_reader.hpp"
#include "json/schema_validation.hpp"
#include "json/text.hpp"

namespace sluice::json::schemas {
namespace {

constexpr std::size_t deepest = 200;

// The schema `false`.
class nothing_fits : public keyword {
  public:
    using keyword::keyword;
    bool check(const subject& of, validation& run) const override {
        return run.fail(of, pointer(), [] { return std::string("is not allowed here"); });
    }
};

}  // namespace

const node* compiler::compile_at(location at) {
    if (const auto known = by_pointer_.find(at.pointer); known != by_pointer_.end()) {
        return known->second;
    }
    made_->nodes.push_back(std::make_unique<node>());
    node& into = *made_->nodes.back();
    by_pointer_.emplace(at.pointer, &into);
    if (at.content.is_bool()) {
        if (!at.content.as_bool()) {
            into.keywords.push_back(std::make_unique<nothing_fits>(at.pointer));
            into.accepts = 0;
        }
    } else if (!at.content.is_object()) {
        refuse(at.pointer,
               "expected a schema (an object, true or false), got " + describe(at.content, true),
               "");
    } else if (depth_ >= deepest) {
        refuse(at.pointer, "more than 200 schemas inside each other", "");
    } else {
        ++depth_;
        enter(at);
        read(at, into);
        --depth_;
    }
    return &into;
}

void compiler::read(const location& at, node& into) {
    schema_reader from(*this, at, into);
    // Not checked themselves, but they may have names and are there to be referred to.
    from.named_subschemas("$defs");
    from.named_subschemas("definitions");
    for (const std::string_view unsupported : {"$dynamicRef", "$recursiveRef"}) {
        if (from.find(unsupported) != nullptr) {
            from.refuse(unsupported, std::string(unsupported) + " is not supported",
                        "use $ref when there is only one place it can mean");
        }
    }
    read_references(from);
    // In draft-07 whatever stands beside a $ref does not count.
    if (from.is_draft7() && from.find("$ref") != nullptr) return;
    read_general(from);
    read_number(from);
    read_string(from);
    read_items(from);
    read_contains(from);
    read_members(from);
    read_requirements(from);
    read_dependencies(from);
    read_logic(from);
    if (!from.is_draft7()) read_unevaluated(from);
}

void compiler::enter(location& at) {
    enter_dialect(at);
    const bool draft7 = at.scope.dialect == dialect::draft7;
    if (draft7 && at.content.find("$ref") != nullptr) return;
    if (const value* const id = at.content.find("$id")) {
        if (id->is_string()) {
            name(at, id->as_string());
        } else {
            refuse(pointer_to(at.pointer, "$id"), "expected a string", "");
        }
    }
    if (draft7) return;
    anchor(at, "$anchor");
    // Without $dynamicRef it is an anchor like any other.
    anchor(at, "$dynamicAnchor");
}

void compiler::enter_dialect(location& at) {
    const value* const named = at.content.find("$schema");
    if (named == nullptr) return;
    const auto known = named->is_string() ? dialect_named(named->as_string()) : std::nullopt;
    if (known) {
        at.scope.dialect = *known;
        return;
    }
    refuse(pointer_to(at.pointer, "$schema"), "the dialect " + short_text(*named) + " is not known",
           "known are https://json-schema.org/draft/2020-12/schema and"
           " http://json-schema.org/draft-07/schema#");
}

void compiler::name(location& at, const std::string& id) {
    const base::result<split_uri> resolved = resolve(at.scope.base, id);
    const std::string pointer = pointer_to(at.pointer, "$id");
    if (!resolved) return refuse(pointer, resolved.error_value().message, "");
    const bool is_anchor = !resolved->fragment.empty();
    if (is_anchor && at.scope.dialect != dialect::draft7) {
        return refuse(pointer, "$id may not have a fragment", "write the name as $anchor");
    }
    bool fresh = true;
    if (!id.starts_with('#') && resolved->base != at.scope.base) {
        at.scope.base = resolved->base;
        fresh = names_.add_resource(at);
    }
    if (is_anchor) fresh = names_.add_anchor(at.scope.base, resolved->fragment, at) && fresh;
    if (!fresh) refuse(pointer, "another schema has the same name " + short_text(id), "");
}

void compiler::anchor(const location& at, std::string_view keyword) {
    const value* const found = at.content.find(keyword);
    if (found == nullptr) return;
    const std::string pointer = pointer_to(at.pointer, keyword);
    if (!found->is_string()) return refuse(pointer, "expected a string", "");
    if (!names_.add_anchor(at.scope.base, found->as_string(), at)) {
        refuse(pointer, "another schema has the same name " + short_text(*found), "");
    }
}

void compiler::refuse(std::string pointer, std::string message, std::string hint) {
    if (failure_) return;
    const std::string place = pointer.empty() ? "" : pointer + ": ";
    failure_ = base::make_error(base::error_code::invalid_input, place + std::move(message),
                                std::move(hint));
    failure_->details_json = to_text(value::object({{"pointer", std::move(pointer)}}));
}

// Targets that no keyword led to become schemas only now, with references of their own.
void compiler::close_references() {
    for (std::size_t i = 0; i < open_.size() && !failure_; ++i) {
        const open_reference each = open_[i];
        base::result<location> target = names_.find(each.text, each.scope);
        if (target) {
            *each.target = compile_at(std::move(*target));
        } else {
            refuse(each.pointer, target.error_value().message, target.error_value().hint);
        }
    }
}

base::result<std::shared_ptr<const compiled>> compiler::run(const value& document) {
    location root{document, "", {std::string(identifiers::unnamed), dialect::draft2020}};
    enter_dialect(root);
    names_.add_resource(root);
    made_->root = compile_at(root);
    close_references();
    if (failure_) return std::move(*failure_);
    return std::shared_ptr<const compiled>(made_);
}

base::result<std::shared_ptr<const compiled>> compile(const value& document) {
    return compiler().run(document);
}

}  // namespace sluice::json::schemas
