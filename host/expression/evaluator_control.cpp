// try, reduce, foreach, as, label.
#include "expression/evaluator.hpp"
#include "expression/paths.hpp"

namespace sluice::expression {

// A failure of whoever receives the results is not the body's.
outcome evaluator::run_attempt(const node& code, const scope& names, located in, sink out) {
    bool ours = true;
    auto forward = [&](located&& result) {
        const outcome how = out(std::move(result));
        ours = how == outcome::next;
        return how;
    };
    const tracking mode = in.mode;
    const outcome how = run(*code.child(0), names, std::move(in), forward);
    if (how != outcome::fail || !ours || meter_.failed_for_good()) return how;
    json::value failure = meter_.take_failure();
    if (code.child(1) == nullptr) return outcome::next;
    return run(*code.child(1), names, located::made(std::move(failure), mode), out);
}

outcome evaluator::bind_each(const node& code, const scope& names, const json::value& content,
                             sink then) {
    if (code.patterns.size() == 1) return destructure(code.patterns.front(), names, content, then);
    // pattern ?// pattern: the next one is tried when destructuring or the body fails.
    for (std::size_t i = 0; i < code.patterns.size(); ++i) {
        for (int slot = 0; slot < code.variables; ++slot)
            names.at(0).slot(slot) = nullptr;
        const outcome how = destructure(code.patterns[i], names, content, then);
        const bool last = i + 1 == code.patterns.size();
        if (how != outcome::fail || last || meter_.failed_for_good()) return how;
        meter_.take_failure();
    }
    return outcome::next;
}

outcome evaluator::destructure(const pattern& shape, const scope& names, const json::value& content,
                               sink then) {
    switch (shape.form) {
        case pattern::kind::variable:
            names.at(0).slot(shape.variable) = content;
            return then(located());
        case pattern::kind::array:
            if (!content.is_array() && !content.is_null()) {
                meter_.fail("Cannot index " + std::string(type_name(content)) + " with number");
                return outcome::fail;
            }
            return destructure_array(shape, 0, names, content, then);
        case pattern::kind::object:
            return destructure_object(shape, 0, names, content, then);
    }
    return outcome::next;
}

outcome evaluator::destructure_array(const pattern& shape, std::size_t item, const scope& names,
                                     const json::value& content, sink then) {
    if (item == shape.items.size()) return then(located());
    auto rest = [&](located&&) { return destructure_array(shape, item + 1, names, content, then); };
    return destructure(shape.items[item], names, content.at(item), rest);
}

outcome evaluator::destructure_object(const pattern& shape, std::size_t entry, const scope& names,
                                      const json::value& content, sink then) {
    if (entry == shape.entries.size()) return then(located());
    const pattern::entry& part = shape.entries[entry];
    return each_value(*part.key, names, content, [&](json::value&& key) {
        json::value found;
        if (!get_key(meter_, content, key, found)) return outcome::fail;
        if (part.variable >= 0) names.at(0).slot(part.variable) = found;
        auto rest = [&](located&&) {
            return destructure_object(shape, entry + 1, names, content, then);
        };
        return part.content ? destructure(*part.content, names, found, rest) : rest(located());
    });
}

outcome evaluator::run_bind(const node& code, const scope& names, located in, sink out) {
    return each_value(*code.child(0), names, in.value, [&](json::value&& content) {
        const scope inner = push_variables(names, code.variables);
        auto body = [&](located&&) { return run(*code.child(1), inner, in, out); };
        return bind_each(code, inner, content, body);
    });
}

// The last result of an update is the next state; without any, the state becomes null.
outcome evaluator::run_reduce(const node& code, const scope& names, located in, sink out) {
    const tracking mode = in.mode;
    auto from_start = [&](located&& start) {
        located state = std::move(start);
        const scope inner = push_variables(names, code.variables);
        auto update = [&](located&&) {
            located before = std::move(state);
            state = located::made(nullptr, mode);
            if (code.child(2)->single) {
                return one(*code.child(2), inner, std::move(before), state) ? outcome::next
                                                                            : outcome::fail;
            }
            auto keep = [&](located&& result) {
                state = std::move(result);
                return outcome::next;
            };
            return run(*code.child(2), inner, std::move(before), keep);
        };
        const outcome how = each_value(*code.child(0), names, in.value, [&](json::value&& item) {
            return bind_each(code, inner, item, update);
        });
        return how == outcome::next ? out(std::move(state)) : how;
    };
    return run(*code.child(1), names, in, from_start);
}

// An update without a result leaves null as the state.
outcome evaluator::run_foreach(const node& code, const scope& names, located in, sink out) {
    const tracking mode = in.mode;
    auto from_start = [&](located&& start) {
        located state = std::move(start);
        const scope inner = push_variables(names, code.variables);
        auto update = [&](located&&) {
            auto give = [&](located&& result) {
                state = result;
                return code.child(3) == nullptr
                           ? out(std::move(result))
                           : run(*code.child(3), inner, std::move(result), out);
            };
            located before = std::exchange(state, located::made(nullptr, mode));
            return run(*code.child(2), inner, std::move(before), give);
        };
        return each_value(*code.child(0), names, in.value,
                          [&](json::value&& item) { return bind_each(code, inner, item, update); });
    };
    return run(*code.child(1), names, in, from_start);
}

outcome evaluator::run_label(const node& code, const scope& names, located in, sink out) {
    const std::int64_t label = new_label();
    return ended(run(*code.child(0), push_label(names, label), std::move(in), out), label);
}

}  // namespace sluice::expression
