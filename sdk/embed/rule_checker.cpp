#include "rule_checker.hpp"

#include <algorithm>
#include <numeric>
#include <optional>

namespace sluice::embed {
namespace {

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t k = 1; k <= b.size(); ++k) {
            const std::size_t replaced = diagonal + (a[i - 1] == b[k - 1] ? 0 : 1);
            diagonal = row[k];
            row[k] = std::min({replaced, row[k] + 1, row[k - 1] + 1});
        }
    }
    return row.back();
}

// "known: a, b, c" with the likely intention when there is one.
std::string hint(std::string_view given, std::initializer_list<std::string_view> known) {
    std::string text = "known: ";
    std::string_view nearest;
    std::size_t distance = 3;
    for (const std::string_view each : known) {
        if (each != *known.begin()) text += ", ";
        text += each;
        if (const std::size_t other = edit_distance(given, each); other < distance) {
            distance = other;
            nearest = each;
        }
    }
    if (!nearest.empty()) text += "; did you mean '" + std::string(nearest) + "'?";
    return text;
}

}  // namespace

std::string below(const std::string& path, std::string_view key) {
    std::string out = path + "/";
    for (const char c : key) {
        if (c == '~') {
            out += "~0";
        } else if (c == '/') {
            out += "~1";
        } else {
            out += c;
        }
    }
    return out;
}

std::string below(const std::string& path, std::size_t index) {
    return path + "/" + std::to_string(index);
}

void rule_checker::refuse(const std::string& path, const std::string& what) {
    problems_.push_back((path.empty() ? "the descriptor" : path) + ": " + what);
}

const json* rule_checker::member(const json& parent, const std::string& path, std::string_view key,
                                 json::kind_type kind, const char* kind_name, bool required) {
    const json* found = parent.find(key);
    if (found == nullptr) {
        if (required) refuse(path, "the key '" + std::string(key) + "' is missing");
        return nullptr;
    }
    if (found->kind() != kind) {
        refuse(below(path, key),
               std::string("must be ") + kind_name + ", it is " + found->kind_name());
        return nullptr;
    }
    return found;
}

const json* rule_checker::string(const json& parent, const std::string& path, std::string_view key,
                                 bool required) {
    return member(parent, path, key, json::kind_type::string, "a string", required);
}

const json* rule_checker::object(const json& parent, const std::string& path, std::string_view key,
                                 bool required) {
    return member(parent, path, key, json::kind_type::object, "an object", required);
}

const json* rule_checker::array(const json& parent, const std::string& path, std::string_view key) {
    return member(parent, path, key, json::kind_type::array, "an array", false);
}

void rule_checker::number_is(const json& parent, const std::string& path, std::string_view key,
                             unsigned wanted, const std::string& why) {
    const json* found = member(parent, path, key, json::kind_type::number, "a number", true);
    if (found != nullptr && *found != json(wanted)) {
        refuse(below(path, key),
               "must be " + std::to_string(wanted) + " (" + why + "), it is " + found->dump());
    }
}

void rule_checker::number_at_most(const json& parent, const std::string& path, std::string_view key,
                                  unsigned most, const std::string& why) {
    const json* found = member(parent, path, key, json::kind_type::number, "a number", true);
    if (found == nullptr) return;
    for (unsigned number = 0; number <= most; ++number) {
        if (*found == json(number)) return;
    }
    refuse(below(path, key), "must be a whole number up to " + std::to_string(most) + " (" + why +
                                 "), it is " + found->dump());
}

void rule_checker::only_known_keys(const json& value, const std::string& path,
                                   std::initializer_list<std::string_view> known) {
    for (const auto& [key, content] : value.members()) {
        if (std::find(known.begin(), known.end(), key) == known.end()) {
            refuse(below(path, key), "unknown key (" + hint(key, known) + ")");
        }
    }
}

void rule_checker::one_of(const json& value, const std::string& path,
                          std::initializer_list<std::string_view> known) {
    if (!value.is_string()) {
        refuse(path, std::string("must be a string, it is ") + value.kind_name());
    } else if (std::find(known.begin(), known.end(), value.as_string()) == known.end()) {
        refuse(path, "unknown value '" + value.as_string() + "' (" +
                         hint(value.as_string(), known) + ")");
    }
}

}  // namespace sluice::embed
