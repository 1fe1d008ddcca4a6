// Code that gives exactly one result: no callbacks, no allocation beyond the result.
#include "base/panic.hpp"
#include "expression/arithmetic.hpp"
#include "expression/evaluator.hpp"
#include "expression/formats.hpp"
#include "expression/paths.hpp"

namespace sluice::expression {

bool evaluator::one_index(const node& code, const scope& names, located in, located& out) {
    const node& key = *code.child(1);
    if (key.kind == node_kind::literal) {
        located container;
        if (code.child(0)->kind == node_kind::identity) {
            container = std::move(in);
        } else if (!one(*code.child(0), names, std::move(in), container)) {
            return false;
        }
        return index(std::move(container), key.value, out);
    }
    located place;
    located container;
    return one(key, names, in.value, place) &&
           one(*code.child(0), names, std::move(in), container) &&
           index(std::move(container), place.value, out);
}

bool evaluator::one_slice(const node& code, const scope& names, located in, located& out) {
    located from;
    located to;
    located container;
    if (code.child(1) != nullptr && !one(*code.child(1), names, in.value, from)) return false;
    if (code.child(2) != nullptr && !one(*code.child(2), names, in.value, to)) return false;
    return one(*code.child(0), names, std::move(in), container) &&
           index(std::move(container), slice_key(std::move(from.value), std::move(to.value)), out);
}

bool evaluator::one_arithmetic(const node& code, const scope& names, located in, located& out) {
    const tracking mode = in.mode;
    located left;
    located right;
    json::value result;
    // The right side first, as jq does; then the left side may use up the input.
    if (!one(*code.child(1), names, in.value, right) ||
        !one(*code.child(0), names, std::move(in.value), left) ||
        !calculate(meter_, code.op, std::move(left.value), std::move(right.value), result)) {
        return false;
    }
    out = located::made(std::move(result), mode);
    return true;
}

bool evaluator::one_text(const node& code, const scope& names, const json::value& in,
                         located& out) {
    std::string text;
    for (const node_ptr& part : code.children) {
        if (part->slot == plain_piece && part->kind == node_kind::literal) {
            text += part->value.as_string();
            continue;
        }
        located content;
        if (!one(*part, names, in, content) ||
            !append_formatted(meter_, code.name, content.value, text)) {
            return false;
        }
    }
    if (!meter_.charge(text.size())) return false;
    out.value = std::move(text);
    return true;
}

bool evaluator::one_object(const node& code, const scope& names, const json::value& in,
                           located& out) {
    std::vector<json::member> members;
    members.reserve(code.children.size() / 2);
    if (!meter_.charge(code.children.size() / 2 * sizeof(json::member))) return false;
    for (std::size_t i = 0; i < code.children.size(); i += 2) {
        located key;
        located content;
        if (!one(*code.child(i), names, in, key) || !one(*code.child(i + 1), names, in, content)) {
            return false;
        }
        if (!key.value.is_string()) return bad_key(key.value) == outcome::next;
        members.emplace_back(key.value.as_string(), std::move(content.value));
    }
    out.value = json::value::object(std::move(members));
    return true;
}

bool evaluator::one_native(const node& code, const scope& names, located in, located& out) {
    const tracking mode = in.mode;
    constexpr std::size_t most = 8;
    json::value values[most];
    const std::size_t count = code.children.size() + 1;
    for (std::size_t i = 1; i < count; ++i) {
        located result;
        if (!one(*code.child(i - 1), names, in.value, result)) return false;
        values[i] = std::move(result.value);
    }
    values[0] = std::move(in.value);
    json::value result;
    if (!code.native->apply(meter_, {values, count}, result)) return false;
    out = located::made(std::move(result), mode);
    return true;
}

// What never has a path.
bool evaluator::one_untracked(const node& code, const scope& names, const located& in,
                              located& out) {
    const tracking mode = in.mode;
    out = located();
    switch (code.kind) {
        case node_kind::literal:
            out.value = code.value;
            break;
        case node_kind::variable:
            out.value = names.at(code.hops).slot(code.slot);
            break;
        case node_kind::global_variable:
            out.value = globals_[static_cast<std::size_t>(code.slot)];
            break;
        case node_kind::format: {
            std::string text;
            if (!append_formatted(meter_, code.name, in.value, text)) return false;
            out.value = std::move(text);
            break;
        }
        case node_kind::text:
            if (!one_text(code, names, in.value, out)) return false;
            break;
        case node_kind::object:
            if (!one_object(code, names, in.value, out)) return false;
            break;
        case node_kind::negate: {
            located operand;
            if (!one(*code.child(0), names, in.value, operand) ||
                !negate(meter_, operand.value, out.value)) {
                return false;
            }
            break;
        }
        case node_kind::comparison: {
            located left;
            located right;
            if (!one(*code.child(1), names, in.value, right) ||
                !one(*code.child(0), names, in.value, left) || !meter_.work(left.value)) {
                return false;
            }
            out.value = compares(code.op, left.value, right.value);
            break;
        }
        case node_kind::logical_and:
        case node_kind::logical_or: {
            located side;
            if (!one(*code.child(0), names, in.value, side)) return false;
            bool truth = is_true(side.value);
            if (truth == (code.kind == node_kind::logical_and)) {
                if (!one(*code.child(1), names, in.value, side)) return false;
                truth = is_true(side.value);
            }
            out.value = truth;
            break;
        }
        default:
            base::panic("an expression node that is not single");
    }
    out.mode = mode == tracking::off ? tracking::off : tracking::lost;
    return true;
}

}  // namespace sluice::expression
