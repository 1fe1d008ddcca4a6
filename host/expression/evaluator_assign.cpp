// = |= += -= *= /= %= //=
#include "expression/arithmetic.hpp"
#include "expression/evaluator.hpp"
#include "expression/paths.hpp"

namespace sluice::expression {

outcome evaluator::run_assign(const node& code, const scope& names, const located& in, sink out) {
    return each_value(*code.child(1), names, in.value, [&](json::value&& content) {
        json::value state = in.value;
        auto set = [&](located&& path) {
            return set_path(meter_, std::move(state), path.value.items(), content, state)
                       ? outcome::next
                       : outcome::fail;
        };
        const outcome how = each_path(*code.child(0), names, in.value, set);
        return how == outcome::next ? out(located::made(std::move(state), in.mode)) : how;
    });
}

// Changes what each path of `target` leads to. `change(old, result, keep)` gives the new value, or
// clears `keep` to delete the place; places are deleted at the end, when no path shifts any more.
template <class Change>
outcome evaluator::update_paths(const node& target, const scope& names, const json::value& in,
                                sink out, Change&& change) {
    json::value state = in;
    std::vector<json::value> gone;
    auto one_path = [&](located&& path) {
        json::value old;
        json::value fresh;
        bool keep = true;
        if (!get_path(meter_, state, path.value.items(), old)) return outcome::fail;
        const outcome how = change(std::move(old), fresh, keep);
        if (how != outcome::next) return how;
        if (!keep) {
            gone.push_back(std::move(path.value));
            return outcome::next;
        }
        return set_path(meter_, std::move(state), path.value.items(), std::move(fresh), state)
                   ? outcome::next
                   : outcome::fail;
    };
    outcome how = each_path(target, names, in, one_path);
    if (how != outcome::next) return how;
    if (!gone.empty() && !delete_paths(meter_, std::move(state), std::move(gone), state)) {
        return outcome::fail;
    }
    return out(located(std::move(state)));
}

// The first result of the function counts; none deletes the place.
outcome evaluator::run_update(const node& code, const scope& names, const located& in, sink out) {
    auto give = [&](located&& done) { return out(located::made(std::move(done.value), in.mode)); };
    return update_paths(*code.child(0), names, in.value, give,
                        [&](json::value&& old, json::value& fresh, bool& keep) {
                            const std::int64_t label = new_label();
                            keep = false;
                            const outcome how =
                                each_value(*code.child(1), names, old, [&](json::value&& result) {
                                    fresh = std::move(result);
                                    keep = true;
                                    return stop_for(label);
                                });
                            return ended(how, label);
                        });
}

outcome evaluator::run_update_arithmetic(const node& code, const scope& names, const located& in,
                                         sink out) {
    auto give = [&](located&& done) { return out(located::made(std::move(done.value), in.mode)); };
    return each_value(*code.child(1), names, in.value, [&](json::value&& operand) {
        return update_paths(*code.child(0), names, in.value, give,
                            [&](json::value&& old, json::value& fresh, bool&) {
                                return calculate(meter_, code.op, std::move(old), operand, fresh)
                                           ? outcome::next
                                           : outcome::fail;
                            });
    });
}

outcome evaluator::run_update_alternative(const node& code, const scope& names, const located& in,
                                          sink out) {
    auto give = [&](located&& done) { return out(located::made(std::move(done.value), in.mode)); };
    return each_value(*code.child(1), names, in.value, [&](json::value&& operand) {
        return update_paths(*code.child(0), names, in.value, give,
                            [&](json::value&& old, json::value& fresh, bool&) {
                                fresh = is_true(old) ? std::move(old) : operand;
                                return outcome::next;
                            });
    });
}

}  // namespace sluice::expression
