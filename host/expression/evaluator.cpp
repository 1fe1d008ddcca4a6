#include "expression/evaluator.hpp"

#include "base/panic.hpp"

#include "expression/depth_guard.hpp"
#include "expression/paths.hpp"

namespace sluice::expression {
namespace {

bool binds_one_name(const node& code) {
    return code.patterns.size() == 1 && code.patterns.front().form == pattern::kind::variable;
}

}  // namespace

scope evaluator::enter_function(const node& call, const scope& names) const {
    scope inner = names.up(call.hops);
    for (const node_ptr& argument : call.children) {
        // An argument that only passes on a parameter is that parameter: keeps recursion flat.
        if (argument->kind == node_kind::call_closure) {
            const frame& passed = names.at(argument->hops);
            inner = push_argument(std::move(inner), passed.argument, passed.argument_scope);
        } else {
            inner = push_argument(std::move(inner), argument.get(), names);
        }
    }
    return inner;
}

// The last step of a pipe, a branch or a function's body continues the loop instead of nesting, so
// that recursion in such a place needs no stack.
outcome evaluator::run(const node& first, const scope& outer, located in, sink out) {
    const depth_guard inside(meter_);
    if (!inside) return outcome::fail;
    const node* code = &first;
    scope names = outer;
    while (true) {
        if (!meter_.step()) return outcome::fail;
        if (code->single) {
            located result;
            if (!one(*code, names, std::move(in), result)) return outcome::fail;
            return out(std::move(result));
        }
        switch (code->kind) {
            case node_kind::pipe: {
                const node* left = code->child(0);
                scope left_names = names;
                // A parameter is as single as the argument that was passed.
                while (left->kind == node_kind::call_closure) {
                    const frame& passed = left_names.at(left->hops);
                    left = passed.argument;
                    scope argument_scope = passed.argument_scope;
                    left_names = std::move(argument_scope);
                }
                if (left->single) {
                    located middle;
                    if (!one(*left, left_names, std::move(in), middle)) return outcome::fail;
                    in = std::move(middle);
                    code = code->child(1);
                    continue;
                }
                auto forward = [&](located&& middle) {
                    return run(*code->child(1), names, std::move(middle), out);
                };
                return run(*left, left_names, std::move(in), forward);
            }
            case node_kind::comma: {
                const outcome how = run(*code->child(0), names, in, out);
                if (how != outcome::next) return how;
                code = code->child(1);
                continue;
            }
            case node_kind::conditional: {
                if (!code->child(0)->single) return run_conditional(*code, names, in, out);
                located test;
                if (!one(*code->child(0), names, in.value, test)) return outcome::fail;
                code = code->child(is_true(test.value) ? 1 : 2);
                if (code == nullptr) return out(std::move(in));
                continue;
            }
            case node_kind::definition:
                code = code->child(0);
                continue;
            case node_kind::call:
                if (code->target == nullptr) return run_native(*code, names, std::move(in), out);
                names = enter_function(*code, names);
                code = code->target->body.get();
                continue;
            case node_kind::call_closure: {
                const frame& passed = names.at(code->hops);
                code = passed.argument;
                scope argument_scope = passed.argument_scope;
                names = std::move(argument_scope);
                continue;
            }
            case node_kind::bind:
                if (code->child(0)->single && binds_one_name(*code)) {
                    located content;
                    if (!one(*code->child(0), names, in.value, content)) return outcome::fail;
                    names = push_variables(std::move(names), 1);
                    names->first = std::move(content.value);
                    code = code->child(1);
                    continue;
                }
                return run_bind(*code, names, std::move(in), out);
            case node_kind::iterate: {
                if (code->child(0)->single) {
                    located container;
                    if (!one(*code->child(0), names, std::move(in), container)) {
                        return outcome::fail;
                    }
                    return iterate(std::move(container), out, code->optional);
                }
                auto forward = [&](located&& container) {
                    return iterate(std::move(container), out, code->optional);
                };
                return run(*code->child(0), names, std::move(in), forward);
            }
            case node_kind::recurse_default:
                return recurse_all(std::move(in), out);
            case node_kind::index:
                return run_index(*code, names, std::move(in), out);
            case node_kind::slice:
                return run_slice(*code, names, std::move(in), out);
            case node_kind::negate:
            case node_kind::arithmetic:
            case node_kind::comparison:
                return run_binary(*code, names, in, out);
            case node_kind::logical_and:
            case node_kind::logical_or:
                return run_logical(*code, names, in, out);
            case node_kind::alternative:
                return run_alternative(*code, names, std::move(in), out);
            case node_kind::text:
                return run_text(*code, names, in, out);
            case node_kind::array:
                return run_array(*code, names, in, out);
            case node_kind::object:
                return run_object(*code, names, in, out);
            case node_kind::attempt:
                return run_attempt(*code, names, std::move(in), out);
            case node_kind::reduce:
                return run_reduce(*code, names, std::move(in), out);
            case node_kind::foreach_loop:
                return run_foreach(*code, names, std::move(in), out);
            case node_kind::label:
                return run_label(*code, names, std::move(in), out);
            case node_kind::leave:
                return stop_for(names.at(code->hops).label);
            case node_kind::assign:
                return run_assign(*code, names, in, out);
            case node_kind::update:
                return run_update(*code, names, in, out);
            case node_kind::update_arithmetic:
                return run_update_arithmetic(*code, names, in, out);
            case node_kind::update_alternative:
                return run_update_alternative(*code, names, in, out);
            case node_kind::identity:
            case node_kind::literal:
            case node_kind::format:
            case node_kind::variable:
            case node_kind::global_variable:
                break;  // always single
        }
        base::panic("an expression node without an evaluation");
    }
}

bool evaluator::one(const node& first, const scope& outer, located in, located& out) {
    const depth_guard inside(meter_);
    if (!inside) return false;
    const node* code = &first;
    scope held;
    const scope* names = &outer;
    while (true) {
        if (!meter_.step()) return false;
        switch (code->kind) {
            case node_kind::identity:
                out = std::move(in);
                return true;
            case node_kind::index:
                return one_index(*code, *names, std::move(in), out);
            case node_kind::slice:
                return one_slice(*code, *names, std::move(in), out);
            case node_kind::pipe: {
                located middle;
                if (!one(*code->child(0), *names, std::move(in), middle)) return false;
                in = std::move(middle);
                code = code->child(1);
                continue;
            }
            case node_kind::conditional: {
                located test;
                if (!one(*code->child(0), *names, in.value, test)) return false;
                code = code->child(is_true(test.value) ? 1 : 2);
                if (code == nullptr) {
                    out = std::move(in);
                    return true;
                }
                continue;
            }
            case node_kind::definition:
                code = code->child(0);
                continue;
            case node_kind::call:
                if (code->target == nullptr) return one_native(*code, *names, std::move(in), out);
                held = enter_function(*code, *names);
                names = &held;
                code = code->target->body.get();
                continue;
            case node_kind::bind: {
                located content;
                if (!one(*code->child(0), *names, in.value, content)) return false;
                held = push_variables(*names, 1);
                names = &held;
                held->first = std::move(content.value);
                code = code->child(1);
                continue;
            }
            case node_kind::arithmetic:
                return one_arithmetic(*code, *names, std::move(in), out);
            case node_kind::array:
            case node_kind::reduce: {
                // Whatever runs inside, one result comes out.
                auto keep = [&out](located&& result) {
                    out = std::move(result);
                    return outcome::next;
                };
                return (code->kind == node_kind::array
                            ? run_array(*code, *names, in, keep)
                            : run_reduce(*code, *names, std::move(in), keep)) == outcome::next;
            }
            default:
                return one_untracked(*code, *names, in, out);
        }
    }
}

}  // namespace sluice::expression
