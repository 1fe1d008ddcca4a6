// Code that may give any number of results: every combination, in jq's order.
#include "expression/arithmetic.hpp"
#include "expression/evaluator.hpp"
#include "expression/formats.hpp"
#include "expression/paths.hpp"

namespace sluice::expression {

bool evaluator::index(located in, const json::value& key, located& out) {
    if (in.mode == tracking::lost) {
        return meter_.fail("Invalid path expression near attempt to access element " +
                           shortened(key) + " of " + shortened(in.value, 29));
    }
    json::value found;
    if (!get_key(meter_, in.value, key, found)) return false;
    out.value = std::move(found);
    out.mode = in.mode;
    if (in.mode == tracking::on) out.path = in.path.then(key);
    return true;
}

outcome evaluator::iterate(located in, sink out, bool optional) {
    if (in.mode == tracking::lost) {
        meter_.fail("Invalid path expression near attempt to iterate through " +
                    shortened(in.value, 29));
        return outcome::fail;
    }
    if (!in.value.is_array() && !in.value.is_object()) {
        if (optional) return outcome::next;
        meter_.fail("Cannot iterate over " + describe(in.value),
                    "only arrays and objects have elements; .[]? passes over the rest");
        return outcome::fail;
    }
    const auto give = [&](const json::value& item, auto&& key) {
        if (!meter_.step()) return outcome::fail;
        located result(item);
        result.mode = in.mode;
        if (in.mode == tracking::on) result.path = in.path.then(json::value(key));
        return out(std::move(result));
    };
    if (in.value.is_array()) {
        std::int64_t at = 0;
        for (const json::value& item : in.value.items()) {
            if (const outcome how = give(item, at++); how != outcome::next) return how;
        }
    } else {
        for (const json::member& each : in.value.members()) {
            if (const outcome how = give(each.second, each.first); how != outcome::next) {
                return how;
            }
        }
    }
    return outcome::next;
}

outcome evaluator::recurse_all(located in, sink out) {
    if (!meter_.enter()) return outcome::fail;
    outcome how = out(located(in));
    if (how == outcome::next && (in.value.is_array() || in.value.is_object())) {
        auto inner = [&](located&& child) { return recurse_all(std::move(child), out); };
        how = iterate(std::move(in), inner);
    }
    meter_.leave();
    return how;
}

outcome evaluator::each_path(const node& code, const scope& names, const json::value& in,
                             sink out) {
    auto collect = [&](located&& found) {
        if (found.mode != tracking::on) {
            meter_.fail("Invalid path expression with result " + shortened(found.value, 29));
            return outcome::fail;
        }
        if (!meter_.charge(found.path.size() * sizeof(json::value))) return outcome::fail;
        return out(located(found.path.to_array()));
    };
    return run(code, names, located(in, trail()), collect);
}

outcome evaluator::run_index(const node& code, const scope& names, located in, sink out) {
    return each_value(*code.child(1), names, in.value, [&](json::value&& key) {
        auto take = [&](located&& container) {
            return give_access(code, std::move(container), key, out);
        };
        return run(*code.child(0), names, in, take);
    });
}

outcome evaluator::give_access(const node& code, located container, const json::value& key,
                               sink out) {
    const bool may_fail = code.optional && container.mode != tracking::lost;
    located found;
    if (index(std::move(container), key, found)) return out(std::move(found));
    if (!may_fail || meter_.failed_for_good()) return outcome::fail;
    meter_.take_failure();
    return outcome::next;
}

outcome evaluator::run_slice(const node& code, const scope& names, located in, sink out) {
    const auto with_ends = [&](const json::value& from, const json::value& to) {
        auto take = [&](located&& container) {
            return give_access(code, std::move(container), slice_key(from, to), out);
        };
        return run(*code.child(0), names, in, take);
    };
    const auto with_end = [&](const json::value& to) {
        if (code.child(1) == nullptr) return with_ends({}, to);
        return each_value(*code.child(1), names, in.value,
                          [&](json::value&& from) { return with_ends(from, to); });
    };
    if (code.child(2) == nullptr) return with_end({});
    return each_value(*code.child(2), names, in.value,
                      [&](json::value&& to) { return with_end(to); });
}

outcome evaluator::run_binary(const node& code, const scope& names, const located& in, sink out) {
    const auto give = [&](bool done, json::value& result) {
        return done ? out(located::made(std::move(result), in.mode)) : outcome::fail;
    };
    if (code.kind == node_kind::negate) {
        return each_value(*code.child(0), names, in.value, [&](json::value&& operand) {
            json::value result;
            return give(negate(meter_, operand, result), result);
        });
    }
    return each_value(*code.child(1), names, in.value, [&](json::value&& right) {
        return each_value(*code.child(0), names, in.value, [&](json::value&& left) {
            json::value result;
            if (code.kind == node_kind::comparison) {
                if (!meter_.work(left)) return outcome::fail;
                result = compares(code.op, left, right);
                return give(true, result);
            }
            return give(calculate(meter_, code.op, std::move(left), right, result), result);
        });
    });
}

outcome evaluator::run_logical(const node& code, const scope& names, const located& in, sink out) {
    const bool conjunction = code.kind == node_kind::logical_and;
    return each_value(*code.child(0), names, in.value, [&](json::value&& left) {
        if (is_true(left) != conjunction) return out(located::made(!conjunction, in.mode));
        return each_value(*code.child(1), names, in.value, [&](json::value&& right) {
            return out(located::made(is_true(right), in.mode));
        });
    });
}

// All true results of the left side; without any, the right side.
outcome evaluator::run_alternative(const node& code, const scope& names, located in, sink out) {
    bool found = false;
    auto take = [&](located&& result) {
        if (!is_true(result.value)) return outcome::next;
        found = true;
        return out(std::move(result));
    };
    const outcome how = run(*code.child(0), names, in, take);
    if (how != outcome::next || found) return how;
    return run(*code.child(1), names, std::move(in), out);
}

outcome evaluator::run_text(const node& code, const scope& names, const located& in, sink out) {
    return run_text_from(code, code.children.size(), "", names, in, out);
}

// Parts from the last to the first, because the first one's results change fastest.
outcome evaluator::run_text_from(const node& code, std::size_t part, std::string so_far,
                                 const scope& names, const located& in, sink out) {
    if (part == 0) {
        if (!meter_.charge(so_far.size())) return outcome::fail;
        return out(located::made(std::move(so_far), in.mode));
    }
    const node& piece = *code.child(part - 1);
    const bool plain = piece.slot == plain_piece && piece.kind == node_kind::literal;
    return each_value(piece, names, in.value, [&](json::value&& content) {
        std::string text;
        if (plain) {
            text = content.as_string();
        } else if (!append_formatted(meter_, code.name, content, text)) {
            return outcome::fail;
        }
        return run_text_from(code, part - 1, text + so_far, names, in, out);
    });
}

outcome evaluator::run_array(const node& code, const scope& names, const located& in, sink out) {
    std::vector<json::value> items;
    if (!code.children.empty()) {
        const outcome how = each_value(*code.child(0), names, in.value, [&](json::value&& item) {
            if (!meter_.charge(sizeof(json::value))) return outcome::fail;
            items.push_back(std::move(item));
            return outcome::next;
        });
        if (how != outcome::next) return how;
    }
    return out(located::made(json::value::array(std::move(items)), in.mode));
}

outcome evaluator::bad_key(const json::value& key) {
    meter_.fail("Cannot use " + describe(key) + " as object key",
                "turn it into text with tostring");
    return outcome::fail;
}

outcome evaluator::run_object(const node& code, const scope& names, const located& in, sink out) {
    return run_object_from(code, 0, json::value::object(), names, in, out);
}

outcome evaluator::run_object_from(const node& code, std::size_t entry, json::value so_far,
                                   const scope& names, const located& in, sink out) {
    if (entry == code.children.size()) return out(located::made(std::move(so_far), in.mode));
    return each_value(*code.child(entry), names, in.value, [&](json::value&& key) {
        if (!key.is_string()) {
            return bad_key(key);
        }
        return each_value(*code.child(entry + 1), names, in.value, [&](json::value&& content) {
            if (!meter_.charge(sizeof(json::member))) return outcome::fail;
            json::value more = so_far;
            more.set(key.as_string(), std::move(content));
            return run_object_from(code, entry + 2, std::move(more), names, in, out);
        });
    });
}

outcome evaluator::run_conditional(const node& code, const scope& names, located in, sink out) {
    return each_value(*code.child(0), names, in.value, [&](json::value&& test) {
        const node* const branch = code.child(is_true(test) ? 1 : 2);
        return branch == nullptr ? out(located(in)) : run(*branch, names, in, out);
    });
}

outcome evaluator::run_native(const node& code, const scope& names, located in, sink out) {
    if (code.native->control != nullptr) {
        return code.native->control(*this, code, names, std::move(in), out);
    }
    std::vector<json::value> values(code.children.size() + 1);
    values[0] = in.value;
    return run_native_from(code, code.children.size(), values, names, in, out);
}

// The last argument's results change slowest.
outcome evaluator::run_native_from(const node& code, std::size_t argument,
                                   std::span<json::value> values, const scope& names,
                                   const located& in, sink out) {
    if (argument == 0) {
        std::vector<json::value> taken(values.begin(), values.end());
        json::value result;
        if (!code.native->apply(meter_, taken, result)) return outcome::fail;
        return out(located::made(std::move(result), in.mode));
    }
    return each_value(*code.child(argument - 1), names, in.value, [&](json::value&& content) {
        values[argument] = std::move(content);
        return run_native_from(code, argument - 1, values, names, in, out);
    });
}

}  // namespace sluice::expression
