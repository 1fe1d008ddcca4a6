// Walks a program's tree. Results are handed to a callback one by one, so nothing is collected that
// the program does not collect; a callback that has enough stops everything above it.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "expression/frame.hpp"
#include "expression/located.hpp"
#include "expression/meter.hpp"
#include "expression/tree.hpp"

namespace sluice::expression {

enum class outcome : std::uint8_t {
    next,  // go on with the next result
    stop,  // somebody above wants no more: the label in evaluator::stopped_for(), or the caller
    fail,  // the failure is in the meter
};

// A reference to a callable that takes one result. Does not own it.
class sink {
  public:
    template <class F>
    requires(!std::is_same_v<std::remove_cvref_t<F>, sink>) sink(F&& callable)  // NOLINT: implicit
        : target_(const_cast<void*>(static_cast<const void*>(std::addressof(callable)))),
          call_([](void* target, located&& result) {
              return (*static_cast<std::remove_reference_t<F>*>(target))(std::move(result));
          }) {}
    outcome operator()(located&& result) const { return call_(target_, std::move(result)); }

  private:
    void* target_;
    outcome (*call_)(void*, located&&);
};

class evaluator {
  public:
    evaluator(meter& used, std::vector<json::value> globals)
        : meter_(used), globals_(std::move(globals)) {}

    // All results of `code` for `in`.
    outcome run(const node& code, const scope& names, located in, sink out);
    // The result of code that is `single`.
    bool one(const node& code, const scope& names, located in, located& out);

    meter& used() { return meter_; }
    // Runs with a sink that can end `code` alone: calls `body` with a fresh label, and turns a stop
    // for that label into `next`.
    std::int64_t new_label() { return ++last_label_; }
    outcome stop_for(std::int64_t label) {
        stopped_for_ = label;
        return outcome::stop;
    }
    outcome ended(outcome how, std::int64_t label) const {
        return how == outcome::stop && stopped_for_ == label ? outcome::next : how;
    }

    // Like run(), for values whose path nobody wants.
    template <class F>
    outcome each_value(const node& code, const scope& names, const json::value& in, F&& take) {
        if (code.single) {
            located result;
            if (!one(code, names, in, result)) return outcome::fail;
            return take(std::move(result.value));
        }
        auto forward = [&take](located&& result) { return take(std::move(result.value)); };
        return run(code, names, in, forward);
    }
    // The argument with that number of a call, as a program in its scope.
    static const node& argument(const node& call, std::size_t index) { return *call.child(index); }

    bool index(located in, const json::value& key, located& out);
    outcome iterate(located in, sink out, bool optional = false);
    // `in` and everything inside it.
    outcome recurse_all(located in, sink out);
    // Each path that `code` describes, as an array.
    outcome each_path(const node& code, const scope& names, const json::value& in, sink out);

  private:
    struct depth_guard;

    // evaluator_single.cpp
    bool one_untracked(const node& code, const scope& names, const located& in, located& out);
    bool one_index(const node& code, const scope& names, located in, located& out);
    bool one_slice(const node& code, const scope& names, located in, located& out);
    bool one_arithmetic(const node& code, const scope& names, located in, located& out);
    bool one_text(const node& code, const scope& names, const json::value& in, located& out);
    bool one_object(const node& code, const scope& names, const json::value& in, located& out);
    bool one_native(const node& code, const scope& names, located in, located& out);

    // evaluator_many.cpp
    outcome run_index(const node& code, const scope& names, located in, sink out);
    outcome give_access(const node& code, located container, const json::value& key, sink out);
    outcome run_slice(const node& code, const scope& names, located in, sink out);
    outcome run_binary(const node& code, const scope& names, const located& in, sink out);
    outcome run_logical(const node& code, const scope& names, const located& in, sink out);
    outcome run_alternative(const node& code, const scope& names, located in, sink out);
    outcome run_text(const node& code, const scope& names, const located& in, sink out);
    outcome run_text_from(const node& code, std::size_t part, std::string so_far,
                          const scope& names, const located& in, sink out);
    outcome run_array(const node& code, const scope& names, const located& in, sink out);
    outcome run_object(const node& code, const scope& names, const located& in, sink out);
    outcome run_object_from(const node& code, std::size_t entry, json::value so_far,
                            const scope& names, const located& in, sink out);
    outcome bad_key(const json::value& key);
    outcome run_conditional(const node& code, const scope& names, located in, sink out);
    outcome run_native(const node& code, const scope& names, located in, sink out);
    outcome run_native_from(const node& code, std::size_t argument, std::span<json::value> values,
                            const scope& names, const located& in, sink out);

    // evaluator_control.cpp
    outcome run_attempt(const node& code, const scope& names, located in, sink out);
    outcome run_reduce(const node& code, const scope& names, located in, sink out);
    outcome run_foreach(const node& code, const scope& names, located in, sink out);
    outcome run_bind(const node& code, const scope& names, located in, sink out);
    outcome run_label(const node& code, const scope& names, located in, sink out);
    // Fills the frame's slots from `content`, once for each way there is, and calls `then`.
    outcome destructure(const pattern& shape, const scope& names, const json::value& content,
                        sink then);
    outcome destructure_array(const pattern& shape, std::size_t item, const scope& names,
                              const json::value& content, sink then);
    outcome destructure_object(const pattern& shape, std::size_t entry, const scope& names,
                               const json::value& content, sink then);
    outcome bind_each(const node& code, const scope& names, const json::value& content, sink then);

    // evaluator_assign.cpp
    outcome run_assign(const node& code, const scope& names, const located& in, sink out);
    outcome run_update(const node& code, const scope& names, const located& in, sink out);
    outcome run_update_arithmetic(const node& code, const scope& names, const located& in,
                                  sink out);
    outcome run_update_alternative(const node& code, const scope& names, const located& in,
                                   sink out);
    template <class Change>
    outcome update_paths(const node& target, const scope& names, const json::value& in, sink out,
                         Change&& change);

    // The scope in which the called function's body runs.
    scope enter_function(const node& call, const scope& names) const;

    meter& meter_;
    std::vector<json::value> globals_;
    std::int64_t last_label_ = 0;
    std::int64_t stopped_for_ = 0;
};

// A function that the host gives programs, by name and number of arguments.
struct builtin {
    std::string_view name;
    std::size_t arguments;
    // Either: one result from the input and the arguments' values (values[0] is the input; all may
    // be moved from). For several results of an argument it is called for each combination.
    bool (*apply)(meter& used, std::span<json::value> values, json::value& out);
    // Or: any number of results, with the arguments as programs.
    outcome (*control)(evaluator& runner, const node& call, const scope& names, located in,
                       sink out);
};

const builtin* find_builtin(std::string_view name, std::size_t arguments);
// "name/arguments" of everything there is, for suggestions.
std::vector<std::string> known_functions();
// The definition of a function that is written in the language itself, or empty.
std::string_view find_prelude(std::string_view name, std::size_t arguments);

}  // namespace sluice::expression
