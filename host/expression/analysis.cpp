#include "expression/analysis.hpp"

#include <algorithm>

#include "expression/evaluator.hpp"

namespace sluice::expression {
namespace {

class analysis {
  public:
    bool changed = false;

    void visit(function& of) {
        visit(*of.body);
        if (of.single && !of.body->single) {
            of.single = false;
            changed = true;
        }
    }

    void visit(node& code) {
        if (code.defined) visit(*code.defined);
        for (pattern& shape : code.patterns)
            visit(shape);
        for (const node_ptr& child : code.children) {
            if (child) visit(*child);
        }
        code.single = is_single(code);
    }

  private:
    void visit(pattern& shape) {
        for (pattern& item : shape.items)
            visit(item);
        for (pattern::entry& entry : shape.entries) {
            visit(*entry.key);
            if (entry.content) visit(*entry.content);
        }
    }

    static bool all_children(const node& code) {
        return std::all_of(code.children.begin(), code.children.end(),
                           [](const node_ptr& child) { return !child || child->single; });
    }

    static bool is_single(const node& code) {
        switch (code.kind) {
            case node_kind::identity:
            case node_kind::literal:
            case node_kind::format:
            case node_kind::variable:
            case node_kind::global_variable:
            case node_kind::array:
                return true;
            case node_kind::index:
            case node_kind::slice:
                return !code.optional && all_children(code);
            case node_kind::pipe:
            case node_kind::text:
            case node_kind::negate:
            case node_kind::arithmetic:
            case node_kind::comparison:
            case node_kind::logical_and:
            case node_kind::logical_or:
            case node_kind::object:
            case node_kind::conditional:
            case node_kind::definition:
                return all_children(code);
            case node_kind::reduce:
                return code.child(1)->single;
            case node_kind::bind:
                return all_children(code) && code.patterns.size() == 1 &&
                       code.patterns.front().form == pattern::kind::variable;
            case node_kind::call:
                if (code.target != nullptr) return code.target->single;
                return code.native != nullptr && code.native->apply != nullptr &&
                       all_children(code);
            default:
                return false;
        }
    }
};

}  // namespace

void find_single(compiled& code) {
    analysis round;
    do {
        round.changed = false;
        for (const auto& each : code.prelude)
            round.visit(*each);
        round.visit(*code.root);
    } while (round.changed);
}

}  // namespace sluice::expression
