#include "json/schema_kinds.hpp"

#include <array>
#include <utility>

#include "json/decimal.hpp"
#include "json/text.hpp"

namespace sluice::json::schemas {
namespace {

constexpr kinds integer_bit = 0x40;
constexpr kinds number_bit = 0x04;

constexpr kinds bit_of(kind of) { return static_cast<kinds>(1u << static_cast<unsigned>(of)); }
static_assert(bit_of(kind::number) == number_bit);

struct named_kind {
    std::string_view name;
    kinds bits;
};
constexpr std::array<named_kind, 7> named_kinds = {{{"string", bit_of(kind::string)},
                                                    {"number", number_bit | integer_bit},
                                                    {"integer", integer_bit},
                                                    {"boolean", bit_of(kind::boolean)},
                                                    {"object", bit_of(kind::object)},
                                                    {"array", bit_of(kind::array)},
                                                    {"null", bit_of(kind::null)}}};

std::string_view name_of(kind of) {
    for (const named_kind& each : named_kinds) {
        if ((each.bits & bit_of(of)) != 0) return each.name;
    }
    return "value";
}

}  // namespace

std::optional<kinds> kind_named(std::string_view name) {
    for (const named_kind& each : named_kinds) {
        if (each.name == name) return each.bits;
    }
    return {};
}

bool is_of(const value& content, kinds accepted) {
    if ((accepted & bit_of(content.kind())) != 0) return true;
    return (accepted & integer_bit) != 0 && content.is_number() && is_whole(content);
}

std::string names_of(kinds accepted) {
    std::vector<std::string_view> names;
    for (const named_kind& each : named_kinds) {
        const bool implied = each.bits == integer_bit && (accepted & number_bit) != 0;
        if ((accepted & each.bits) == each.bits && !implied) names.push_back(each.name);
    }
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (i > 0) text += i + 1 < names.size() ? ", " : " or ";
        text += names[i];
    }
    return text;
}

std::string describe(const value& content, bool show_value) {
    std::string text(name_of(content.kind()));
    const bool shown = content.is_bool() || content.is_number() || content.is_string();
    if (show_value && shown) text += " " + short_text(content);
    return text;
}

std::string short_text(const value& content) {
    constexpr std::size_t most = 60;
    // Not all of a large value becomes text only to be cut off.
    if (content.is_string() && content.size() > most) {
        std::string_view head = content.as_string();
        std::size_t end = most;
        while (end > 0 && (static_cast<unsigned char>(head[end]) & 0xc0) == 0x80)
            --end;
        std::string text = to_text(value(head.substr(0, end)));
        text.insert(text.size() - 1, "...");
        return text;
    }
    if (content.is_object()) return content.size() == 0 ? "{}" : "{...}";
    if (content.is_array()) return content.size() == 0 ? "[]" : "[...]";
    std::string text = to_text(content);
    if (content.is_number() && text.size() > most) text = text.substr(0, most) + "...";
    return text;
}

std::string amount(std::uint64_t count, std::string_view noun) {
    return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

}  // namespace sluice::json::schemas
