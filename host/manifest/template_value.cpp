#include "manifest/template_value.hpp"

#include <optional>
#include <utility>

#include "base/panic.hpp"

namespace sluice::manifest {

struct template_value::node {
    enum class kind { literal, expression, array, object, reference };
    kind is = kind::literal;
    json::value literal;  // of a reference: the { $ref: .. } object
    std::shared_ptr<const expression::program> code;
    std::vector<template_value> items;  // of an object: in the order of `names`
    std::vector<std::string> names;
    base::source_position where;
    std::optional<std::string> otherwise;  // of an expression: the value when it fails
};

namespace {

// The places of `inner` below one more step.
template <class Step>
void append_places(const template_value& inner, const Step& step,
                   std::vector<template_value::place>& into) {
    for (const template_value::place& found : inner.references()) {
        template_value::place moved = found;
        moved.path.insert(moved.path.begin(), step);
        into.push_back(std::move(moved));
    }
}

void put(json::value& in, const template_value::place& place, std::size_t depth,
         json::value content) {
    if (depth == place.path.size()) {
        in = std::move(content);
        return;
    }
    if (const auto* const name = std::get_if<std::string>(&place.path[depth])) {
        for (json::member& each : in.members_for_write()) {
            if (each.first == *name) return put(each.second, place, depth + 1, std::move(content));
        }
    } else {
        const std::size_t index = std::get<std::size_t>(place.path[depth]);
        put(in.items_for_write()[index], place, depth + 1, std::move(content));
    }
}

}  // namespace

template_value template_value::literal(json::value content) {
    auto made = std::make_shared<node>();
    made->literal = std::move(content);
    template_value result;
    result.root_ = std::move(made);
    return result;
}

template_value template_value::expression(std::shared_ptr<const expression::program> code,
                                          base::source_position where,
                                          std::optional<std::string> otherwise) {
    auto made = std::make_shared<node>();
    made->is = node::kind::expression;
    made->code = std::move(code);
    made->where = std::move(where);
    made->otherwise = std::move(otherwise);
    template_value result;
    result.root_ = std::move(made);
    return result;
}

template_value template_value::reference(std::string config) {
    auto made = std::make_shared<node>();
    made->is = node::kind::reference;
    made->literal = json::value::object({{"$ref", "config." + config}});
    template_value result;
    result.references_.push_back({{}, std::move(config)});
    result.root_ = std::move(made);
    return result;
}

template_value template_value::array(std::vector<template_value> items) {
    auto made = std::make_shared<node>();
    made->is = node::kind::array;
    template_value result;
    std::vector<json::value> literals;
    for (std::size_t i = 0; i < items.size(); ++i) {
        append_places(items[i], i, result.references_);
        if (items[i].is_literal()) literals.push_back(items[i].literal_value());
    }
    if (literals.size() == items.size()) return literal(json::value::array(std::move(literals)));
    made->items = std::move(items);
    result.root_ = std::move(made);
    return result;
}

template_value template_value::object(std::vector<std::pair<std::string, template_value>> members) {
    auto made = std::make_shared<node>();
    made->is = node::kind::object;
    template_value result;
    std::vector<json::member> literals;
    for (auto& [name, content] : members) {
        append_places(content, name, result.references_);
        if (content.is_literal()) literals.emplace_back(name, content.literal_value());
    }
    if (literals.size() == members.size()) {
        return literal(json::value::object(std::move(literals)));
    }
    for (auto& [name, content] : members) {
        made->names.push_back(std::move(name));
        made->items.push_back(std::move(content));
    }
    result.root_ = std::move(made);
    return result;
}

bool template_value::is_literal() const {
    return root_ == nullptr || root_->is == node::kind::literal;
}

const json::value& template_value::literal_value() const {
    static const json::value nothing;
    return root_ != nullptr && is_literal() ? root_->literal : nothing;
}

base::result<json::value> template_value::evaluate(const json::value& input,
                                                   expression::bindings variables,
                                                   const expression::budget& limits) const {
    if (root_ == nullptr) return json::value();
    switch (root_->is) {
        case node::kind::literal:
        case node::kind::reference:
            return root_->literal;
        case node::kind::expression: {
            base::result<json::value> result =
                expression::evaluate_one(*root_->code, input, variables, limits);
            if (!result && root_->otherwise) return json::value(*root_->otherwise);
            if (!result) result.error_value().where = root_->where;
            return result;
        }
        case node::kind::array: {
            std::vector<json::value> items;
            items.reserve(root_->items.size());
            for (const template_value& item : root_->items) {
                base::result<json::value> result = item.evaluate(input, variables, limits);
                if (!result) return result;
                items.push_back(std::move(*result));
            }
            return json::value::array(std::move(items));
        }
        case node::kind::object: {
            std::vector<json::member> members;
            members.reserve(root_->items.size());
            for (std::size_t i = 0; i < root_->items.size(); ++i) {
                base::result<json::value> result =
                    root_->items[i].evaluate(input, variables, limits);
                if (!result) return result;
                members.emplace_back(root_->names[i], std::move(*result));
            }
            return json::value::object(std::move(members));
        }
    }
    base::panic("a template of no kind");
}

json::value template_value::resolve_references(
    json::value evaluated,
    const std::function<json::value(const std::string& config)>& lookup) const {
    for (const place& found : references_)
        put(evaluated, found, 0, lookup(found.config));
    return evaluated;
}

}  // namespace sluice::manifest
