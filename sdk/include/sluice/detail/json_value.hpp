// The functions of sluice::json, except reading and writing text.
#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>

#include "sluice/json.hpp"

namespace sluice {
inline namespace sdk {

inline json::json(double number) noexcept {
    if (std::isfinite(number)) data_ = number;
}

inline json::json(std::initializer_list<std::pair<std::string_view, json>> members)
    : data_(object_type{}) {
    for (const auto& [key, value] : members)
        set(key, value);
}

inline json json::array(std::vector<json> items) { return json(data_type(std::move(items))); }

inline json::kind_type json::kind() const noexcept {
    constexpr kind_type kinds[] = {kind_type::null,   kind_type::boolean, kind_type::number,
                                   kind_type::number, kind_type::number,  kind_type::number,
                                   kind_type::string, kind_type::array,   kind_type::object};
    return kinds[data_.index()];
}

inline const char* json::kind_name() const noexcept {
    constexpr const char* names[] = {"null",     "a boolean", "a number",
                                     "a string", "an array",  "an object"};
    return names[static_cast<std::size_t>(kind())];
}

inline void json::wrong_kind(const char* wanted) const {
    throw json_error(std::string("expected ") + wanted + ", found " + kind_name());
}

inline bool json::as_bool() const {
    if (const auto* flag = std::get_if<bool>(&data_)) return *flag;
    wrong_kind("a boolean");
}

inline std::int64_t json::as_int64() const {
    if (const auto* number = std::get_if<std::int64_t>(&data_)) return *number;
    if (const auto* number = std::get_if<double>(&data_)) {
        // 2^63 is a double; every whole double below it fits.
        if (*number >= -0x1p63 && *number < 0x1p63 && std::trunc(*number) == *number) {
            return static_cast<std::int64_t>(*number);
        }
    }
    wrong_kind("a whole number of 64 bits");
}

inline std::uint64_t json::as_uint64() const {
    if (const auto* number = std::get_if<std::uint64_t>(&data_)) return *number;
    if (const auto* number = std::get_if<std::int64_t>(&data_); number && *number >= 0) {
        return static_cast<std::uint64_t>(*number);
    }
    if (const auto* number = std::get_if<double>(&data_)) {
        if (*number >= 0 && *number < 0x1p64 && std::trunc(*number) == *number) {
            return static_cast<std::uint64_t>(*number);
        }
    }
    wrong_kind("a whole number of 64 bits that is not negative");
}

inline double json::as_double() const {
    if (const auto* number = std::get_if<double>(&data_)) return *number;
    if (const auto* number = std::get_if<std::int64_t>(&data_)) {
        return static_cast<double>(*number);
    }
    if (const auto* number = std::get_if<std::uint64_t>(&data_)) {
        return static_cast<double>(*number);
    }
    if (const auto* number = std::get_if<exact_number>(&data_)) {
        return std::strtod(number->text.c_str(), nullptr);
    }
    wrong_kind("a number");
}

inline const std::string& json::as_string_ref() const {
    if (const auto* text = std::get_if<std::string>(&data_)) return *text;
    wrong_kind("a string");
}

inline const std::string& json::as_string() const& { return as_string_ref(); }

inline std::string json::number_text() const {
    if (!is_number()) wrong_kind("a number");
    return dump();
}

inline const json* json::find(std::string_view key) const noexcept {
    if (const auto* members = std::get_if<object_type>(&data_)) {
        for (const member& each : *members) {
            if (each.first == key) return &each.second;
        }
    }
    return nullptr;
}

inline const json& json::operator[](std::string_view key) const& noexcept {
    static const json missing;
    const json* found = find(key);
    return found != nullptr ? *found : missing;
}

inline const json& json::operator[](std::size_t index) const& noexcept {
    static const json missing;
    const auto* list = std::get_if<array_type>(&data_);
    return list != nullptr && index < list->size() ? (*list)[index] : missing;
}

inline std::size_t json::size() const noexcept {
    if (const auto* list = std::get_if<array_type>(&data_)) return list->size();
    if (const auto* members = std::get_if<object_type>(&data_)) return members->size();
    if (const auto* text = std::get_if<std::string>(&data_)) return text->size();
    return 0;
}

inline const json::array_type& json::items() const& noexcept {
    static const array_type none;
    const auto* list = std::get_if<array_type>(&data_);
    return list != nullptr ? *list : none;
}

inline const json::object_type& json::members() const& noexcept {
    static const object_type none;
    const auto* members = std::get_if<object_type>(&data_);
    return members != nullptr ? *members : none;
}

inline std::string json::get_or(std::string_view key, std::string_view fallback) const {
    const json& found = (*this)[key];
    return found.is_string() ? found.as_string() : std::string(fallback);
}

inline bool json::get_or(std::string_view key, std::same_as<bool> auto fallback) const {
    const json& found = (*this)[key];
    return found.is_bool() ? found.as_bool() : fallback;
}

inline std::int64_t json::get_or(std::string_view key, json_integer auto fallback) const {
    const json& found = (*this)[key];
    return found.is_int64() ? found.as_int64() : static_cast<std::int64_t>(fallback);
}

inline double json::get_or(std::string_view key, double fallback) const {
    const json& found = (*this)[key];
    return found.is_number() ? found.as_double() : fallback;
}

inline json& json::member_for_write(std::string_view key) {
    if (is_null()) data_ = object_type{};
    auto* members = std::get_if<object_type>(&data_);
    if (members == nullptr) wrong_kind("an object");
    for (member& each : *members) {
        if (each.first == key) return each.second;
    }
    return members->emplace_back(std::string(key), json()).second;
}

inline json& json::set(std::string_view key, json value) & {
    member_for_write(key) = std::move(value);
    return *this;
}

inline json& json::push(json item) & {
    if (is_null()) data_ = array_type{};
    auto* list = std::get_if<array_type>(&data_);
    if (list == nullptr) wrong_kind("an array");
    list->push_back(std::move(item));
    return *this;
}

inline bool json::erase(std::string_view key) {
    auto* members = std::get_if<object_type>(&data_);
    if (members == nullptr) return false;
    return std::erase_if(*members, [&](const member& each) { return each.first == key; }) != 0;
}

inline bool operator==(const json& a, const json& b) {
    if (a.kind() != b.kind()) return false;
    if (a.is_number()) {
        const bool same_form = a.data_.index() == b.data_.index();
        if (!same_form || std::holds_alternative<json::exact_number>(a.data_)) {
            return a.dump() == b.dump() || a.as_double() == b.as_double();
        }
        if (a.is_int64()) return a.as_int64() == b.as_int64();
        const auto* whole = std::get_if<std::uint64_t>(&a.data_);
        return whole != nullptr ? *whole == b.as_uint64() : a.as_double() == b.as_double();
    }
    if (a.is_array()) return a.items() == b.items();
    if (a.is_object()) {
        return a.size() == b.size() &&
               std::all_of(a.members().begin(), a.members().end(), [&](const json::member& each) {
                   const json* other = b.find(each.first);
                   return other != nullptr && *other == each.second;
               });
    }
    if (a.is_string()) return a.as_string() == b.as_string();
    return a.is_null() || a.as_bool() == b.as_bool();
}

}  // namespace sdk
}  // namespace sluice
