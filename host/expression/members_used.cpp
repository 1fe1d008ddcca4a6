#include "expression/expression.hpp"
#include "expression/place.hpp"
#include "expression/tree.hpp"

namespace sluice::expression {
namespace {

struct search {
    const compiled& code;
    std::string_view variable;
    std::vector<member_use>& found;

    void visit(const pattern& shape) {
        for (const pattern& item : shape.items)
            visit(item);
        for (const pattern::entry& entry : shape.entries) {
            visit(*entry.key);
            if (entry.content) visit(*entry.content);
        }
    }

    void visit(const node& at) {
        if (at.kind == node_kind::index && at.child(0)->kind == node_kind::global_variable &&
            at.child(0)->name == variable && at.child(1)->kind == node_kind::literal &&
            at.child(1)->value.is_string()) {
            const text_place place = find_place(code.text, at.offset);
            found.push_back({at.child(1)->value.as_string(), place.line, place.column});
        }
        if (at.defined) visit(*at.defined->body);
        for (const pattern& shape : at.patterns)
            visit(shape);
        for (const node_ptr& child : at.children) {
            if (child) visit(*child);
        }
    }
};

}  // namespace

std::vector<member_use> members_used(const program& code, std::string_view variable) {
    std::vector<member_use> found;
    search{code.content(), variable, found}.visit(*code.content().root);
    return found;
}

}  // namespace sluice::expression
