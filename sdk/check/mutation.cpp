#include "mutation.hpp"

#include <cstdint>

namespace sluice::checking {
namespace {

json nested(std::size_t depth) {
    json made = json::array();
    for (std::size_t i = 0; i < depth; ++i) {
        json outer = json::array();
        outer.push(std::move(made));
        made = std::move(outer);
    }
    return made;
}

std::size_t count_places(const json& value) {
    std::size_t count = 1;
    for (const json& item : value.items())
        count += count_places(item);
    for (const auto& [key, member] : value.members())
        count += count_places(member);
    return count;
}

json changed(const json& value, std::mt19937_64& random) {
    const auto pick = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
    if (value.is_string() && pick(2) == 0) {
        std::string text = value.as_string();
        switch (pick(5)) {
            case 0:
                return text + text + text;
            case 1: {
                std::size_t end = pick(text.size() + 1) / 2;
                while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80)
                    --end;  // the value stays UTF-8
                return text.substr(0, end);
            }
            case 2:
                return text + '\0' + text;
            case 3:
                return "../" + text;
            default:
                return text + "\r\nX-More: 1";
        }
    }
    if (value.is_object() && value.size() != 0 && pick(2) == 0) {
        json made = value;
        const std::string key = value.members()[pick(value.size())].first;
        if (pick(2) == 0) {
            made.erase(key);
        } else {
            made.set(key + "2", value[key]);
        }
        return made;
    }
    if (value.is_array() && value.size() != 0 && pick(2) == 0) {
        json made = value;
        for (std::size_t n = pick(50); n > 0; --n)
            made.push(value[pick(value.size())]);
        return made;
    }
    return odd_values()[pick(odd_values().size())];
}

// Changes the place with that number, counted in order.
json changed_at(const json& value, std::size_t& place, std::mt19937_64& random) {
    if (place-- == 0) return changed(value, random);
    if (value.is_array()) {
        json made = json::array();
        for (const json& item : value.items())
            made.push(place < SIZE_MAX / 2 ? changed_at(item, place, random) : item);
        return made;
    }
    if (!value.is_object()) return value;
    json made = json::object();
    for (const auto& [key, member] : value.members())
        made.set(key, place < SIZE_MAX / 2 ? changed_at(member, place, random) : member);
    return made;
}

}  // namespace

const std::vector<json>& odd_values() {
    static const std::vector<json> values = {
        nullptr,
        true,
        false,
        0,
        -1,
        1,
        INT64_MAX,
        INT64_MIN,
        UINT64_MAX,
        0.5,
        -1e300,
        json::number("1e400"),
        json::number("123456789012345678901234567890"),
        "",
        " ",
        "\n",
        std::string(1, '\0'),
        "text",
        "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80",
        "\xef\xbf\xbf",
        "%00%ff%zz",
        "../outside",
        "a/b/../../c",
        "'; DROP TABLE x; --",
        "<script>",
        "${ .x }",
        "https://check.invalid/?a=b#c",
        "http://[::1",
        "2026-13-45T99:99:99Z",
        "-1",
        "1e9",
        std::string(70'000, 'x'),
        json::array(),
        json::array({nullptr, 1, "x"}),
        json::object(),
        json{{"", ""}},
        json{{"$blob", "b-unknown"}, {"size", -1}},
        json{{"$blob", nullptr}},
        nested(60),
    };
    return values;
}

json mutated(const json& value, std::mt19937_64& random) {
    json made = value;
    for (std::size_t n = 1 + random() % 4; n > 0; --n) {
        std::size_t place = random() % count_places(made);
        made = changed_at(made, place, random);
    }
    return made;
}

}  // namespace sluice::checking
