// Functions that take programs as arguments or give other than one result.
#include <array>

#include "expression/arithmetic.hpp"
#include "expression/builtins.hpp"
#include "expression/paths.hpp"

namespace sluice::expression {
namespace {

outcome empty(evaluator&, const node&, const scope&, located, sink) { return outcome::next; }

outcome count_up(evaluator& runner, json::value from, const json::value& to, tracking mode,
                 sink out) {
    meter& used = runner.used();
    if (!from.is_number() || !to.is_number()) {
        used.fail("Range bounds must be numeric");
        return outcome::fail;
    }
    while (json::compare(from, to) < 0) {
        if (!used.step()) return outcome::fail;
        const outcome how = out(located::made(from, mode));
        if (how != outcome::next) return how;
        if (!calculate(used, operation::add, std::move(from), json::value(1), from)) {
            return outcome::fail;
        }
    }
    return outcome::next;
}

outcome range_to(evaluator& runner, const node& call, const scope& names, located in, sink out) {
    return runner.each_value(*call.child(0), names, in.value, [&](json::value&& to) {
        return count_up(runner, 0, to, in.mode, out);
    });
}

outcome range_from_to(evaluator& runner, const node& call, const scope& names, located in,
                      sink out) {
    return runner.each_value(*call.child(0), names, in.value, [&](json::value&& from) {
        return runner.each_value(*call.child(1), names, in.value, [&](json::value&& to) {
            return count_up(runner, from, to, in.mode, out);
        });
    });
}

outcome first(evaluator& runner, const node& call, const scope& names, located in, sink out) {
    const std::int64_t label = runner.new_label();
    auto once = [&](located&& result) {
        const outcome how = out(std::move(result));
        return how == outcome::next ? runner.stop_for(label) : how;
    };
    return runner.ended(runner.run(*call.child(0), names, std::move(in), once), label);
}

outcome limit(evaluator& runner, const node& call, const scope& names, located in, sink out) {
    return runner.each_value(*call.child(0), names, in.value, [&](json::value&& count) {
        const int order = json::compare(count, json::value(0));
        if (order == 0) return outcome::next;
        if (order < 0) return runner.run(*call.child(1), names, in, out);  // no limit at all
        if (!count.is_number()) {
            runner.used().fail(describe(count) + " and number (1) cannot be subtracted");
            return outcome::fail;
        }
        double left = count.as_double();
        const std::int64_t label = runner.new_label();
        auto counted = [&](located&& result) {
            left -= 1;
            const bool last = left <= 0;
            const outcome how = out(std::move(result));
            return how == outcome::next && last ? runner.stop_for(label) : how;
        };
        return runner.ended(runner.run(*call.child(1), names, in, counted), label);
    });
}

outcome skip(evaluator& runner, const node& call, const scope& names, located in, sink out) {
    return runner.each_value(*call.child(0), names, in.value, [&](json::value&& count) {
        double left = count.is_number() ? count.as_double() : 0;
        auto counted = [&](located&& result) {
            if (left > 0) {
                left -= 1;
                return outcome::next;
            }
            return out(std::move(result));
        };
        return runner.run(*call.child(1), names, in, counted);
    });
}

outcome path(evaluator& runner, const node& call, const scope& names, located in, sink out) {
    auto give = [&](located&& found) {
        return out(located::made(std::move(found.value), in.mode));
    };
    return runner.each_path(*call.child(0), names, in.value, give);
}

outcome getpath(evaluator& runner, const node& call, const scope& names, located in, sink out) {
    meter& used = runner.used();
    return runner.each_value(*call.child(0), names, in.value, [&](json::value&& keys) {
        if (!keys.is_array()) {
            used.fail("Path must be specified as an array");
            return outcome::fail;
        }
        if (in.mode == tracking::lost) {
            used.fail("Invalid path expression with result " + shortened(in.value, 29));
            return outcome::fail;
        }
        located found;
        if (!get_path(used, in.value, keys.items(), found.value)) return outcome::fail;
        found.mode = in.mode;
        found.path = in.path;
        if (in.mode == tracking::on) {
            for (const json::value& key : keys.items())
                found.path = found.path.then(key);
        }
        return out(std::move(found));
    });
}

constexpr std::array table = {
    builtin{"empty", 0, nullptr, empty},         builtin{"range", 1, nullptr, range_to},
    builtin{"range", 2, nullptr, range_from_to}, builtin{"first", 1, nullptr, first},
    builtin{"limit", 2, nullptr, limit},         builtin{"skip", 2, nullptr, skip},
    builtin{"path", 1, nullptr, path},           builtin{"getpath", 1, nullptr, getpath},
};

}  // namespace

std::span<const builtin> control_builtins() { return table; }

}  // namespace sluice::expression
