// Between values and their texts.
#include <array>

#include "expression/builtins.hpp"
#include "expression/formats.hpp"
#include "expression/lenient_json.hpp"
#include "json/text.hpp"

namespace sluice::expression {
namespace {

using arguments = std::span<json::value>;

bool to_json(meter& used, arguments in, json::value& out) {
    if (!used.charge_whole(in[0])) return false;
    out = json::to_text(in[0]);
    return true;
}

bool to_text(meter& used, arguments in, json::value& out) {
    if (!in[0].is_string()) return to_json(used, in, out);
    out = std::move(in[0]);
    return true;
}

bool from_json(meter& used, arguments in, json::value& out) {
    if (!in[0].is_string()) {
        return used.fail(describe(in[0]) + " only strings can be parsed");
    }
    return parse_leniently(used, in[0].as_string(), out);
}

bool to_number(meter& used, arguments in, json::value& out) {
    if (in[0].is_number()) {
        out = std::move(in[0]);
        return true;
    }
    if (in[0].is_string()) {
        json::value parsed;
        if (!parse_leniently(used, in[0].as_string(), parsed)) return false;
        if (parsed.is_number()) {
            out = std::move(parsed);
            return true;
        }
    }
    return used.fail(describe(in[0]) + " cannot be parsed as a number");
}

bool format(meter& used, arguments in, json::value& out) {
    if (!in[1].is_string()) return used.fail(describe(in[1]) + " is not a valid format");
    if (!is_format(in[1].as_string())) {
        return used.fail(in[1].as_string() + " is not a valid format");
    }
    std::string text;
    if (!append_formatted(used, in[1].as_string(), in[0], text)) return false;
    out = std::move(text);
    return true;
}

constexpr std::array table = {
    builtin{"tostring", 0, to_text, nullptr},   builtin{"tojson", 0, to_json, nullptr},
    builtin{"fromjson", 0, from_json, nullptr}, builtin{"tonumber", 0, to_number, nullptr},
    builtin{"format", 1, format, nullptr},
};

}  // namespace

std::span<const builtin> json_builtins() { return table; }

}  // namespace sluice::expression
