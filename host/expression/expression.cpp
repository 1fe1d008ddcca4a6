#include "expression/expression.hpp"

#include <utility>

#include "base/encoding.hpp"
#include "expression/binder.hpp"
#include "expression/evaluator.hpp"
#include "expression/parser.hpp"
#include "expression/place.hpp"

namespace sluice::expression {
namespace {

constexpr std::size_t longest_program = 256 << 10;

// "message\n  the line\n     ^"
base::error to_error(std::string_view text, const syntax_error& failure) {
    base::error made =
        base::make_error(base::error_code::invalid_input,
                         failure.message + "\n" + show_place(text, failure.offset), failure.hint);
    const text_place place = find_place(text, failure.offset);
    made.where = base::source_position{"", place.line, place.column};
    return made;
}

std::vector<json::value> bind_globals(const compiled& code, bindings variables) {
    std::vector<json::value> globals(code.variables.size());
    for (std::size_t i = 0; i < globals.size(); ++i) {
        for (const binding& each : variables) {
            if (each.first == code.variables[i]) globals[i] = each.second;
        }
    }
    return globals;
}

base::error too_many_results() {
    return base::make_error(base::error_code::invalid_input,
                            "the expression gave more than one result",
                            "wrap it in [ ] for an array of all of them");
}

}  // namespace

program::program(std::unique_ptr<const compiled> content) : content_(std::move(content)) {}
program::~program() = default;
const std::string& program::text() const { return content_->text; }
const std::vector<std::string>& program::variables() const { return content_->variables; }

base::result<std::shared_ptr<const program>> compile(std::string_view text,
                                                     std::span<const std::string> variable_names) {
    if (text.size() > longest_program) {
        return base::make_error(base::error_code::invalid_input,
                                "the expression is longer than 256 KiB");
    }
    if (!base::is_valid_utf8(text)) {
        return base::make_error(base::error_code::invalid_input, "the expression is not UTF-8");
    }
    try {
        auto made = std::make_unique<compiled>();
        made->text = text;
        bind(parser(text).parse_program(), variable_names, *made);
        return std::shared_ptr<const program>(std::make_shared<program>(std::move(made)));
    } catch (const syntax_error& failure) {
        return to_error(text, failure);
    }
}

base::result<void> evaluate_each(const program& code, const json::value& input,
                                 const std::function<bool(json::value&&)>& take, bindings variables,
                                 const budget& limits) {
    meter used(limits);
    evaluator runner(used, bind_globals(code.content(), variables));
    const std::int64_t label = runner.new_label();
    const outcome how =
        runner.each_value(*code.content().root, scope(), input, [&](json::value&& result) {
            if (!used.check_result(result)) return outcome::fail;
            return take(std::move(result)) ? outcome::next : runner.stop_for(label);
        });
    if (how == outcome::fail) return used.to_error();
    return {};
}

base::result<std::vector<json::value>> evaluate(const program& code, const json::value& input,
                                                bindings variables, const budget& limits) {
    meter used(limits);
    evaluator runner(used, bind_globals(code.content(), variables));
    std::vector<json::value> results;
    const outcome how =
        runner.each_value(*code.content().root, scope(), input, [&](json::value&& result) {
            if (!used.check_result(result) || !used.charge(sizeof(json::value))) {
                return outcome::fail;
            }
            results.push_back(std::move(result));
            return outcome::next;
        });
    if (how == outcome::fail) return used.to_error();
    return results;
}

base::result<json::value> evaluate_one(const program& code, const json::value& input,
                                       bindings variables, const budget& limits) {
    meter used(limits);
    evaluator runner(used, bind_globals(code.content(), variables));
    json::value only;
    int count = 0;
    const std::int64_t label = runner.new_label();
    const outcome how =
        runner.each_value(*code.content().root, scope(), input, [&](json::value&& result) {
            if (++count > 1) return runner.stop_for(label);
            if (!used.check_result(result)) return outcome::fail;
            only = std::move(result);
            return outcome::next;
        });
    if (how == outcome::fail) return used.to_error();
    if (count > 1) return too_many_results();
    return only;
}

bool is_true(const json::value& content) {
    return !content.is_null() && !(content.is_bool() && !content.as_bool());
}

}  // namespace sluice::expression
