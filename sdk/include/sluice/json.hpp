// JSON for connectors: a plain value, copied deeply, changed in place.
//
//   sluice::json body{{"title", "It broke"}, {"labels", sluice::json::array({"bug", 1})}};
//   std::string title = body.get_or("title", "");
//   for (const sluice::json& label : body["labels"].items()) ...
//
// Reading with [] never changes the value and never throws: what is missing is null. The as_...()
// functions throw json_error when the value is of another kind. Numbers are exact: int64, uint64,
// double, or the original text of a number that none of them holds. Objects keep their order.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace sluice {
inline namespace sdk {

// Text that is not JSON, or a value of another kind than the one asked for.
class json_error : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

template <class T>
concept json_integer = std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char>;

class json {
  public:
    using member = std::pair<std::string, json>;
    using array_type = std::vector<json>;
    using object_type = std::vector<member>;
    enum class kind_type : std::uint8_t { null, boolean, number, string, array, object };

    // As deep as the ABI lets a result be.
    static constexpr std::size_t max_depth = 512;

    json() noexcept = default;  // null
    json(std::nullptr_t) noexcept {}
    template <std::same_as<bool> T>
    json(T flag) noexcept : data_(flag) {}
    template <json_integer T>
    json(T number) noexcept : data_(whole(number)) {}
    json(double number) noexcept;  // NaN and the infinities become null
    json(std::string text) noexcept : data_(std::move(text)) {}  // UTF-8
    json(std::string_view text) : data_(std::string(text)) {}
    json(const char* text) : data_(std::string(text)) {}
    // An object: json{{"key", value}, ...}. A later member replaces an earlier one of the same key.
    json(std::initializer_list<std::pair<std::string_view, json>> members);

    static json array(std::vector<json> items = {});
    static json object() { return json(data_type(object_type{})); }
    // Members that are known to have different keys: set() would compare each with all before it.
    static json object_of(object_type members) noexcept {
        return json(data_type(std::move(members)));
    }
    // A number by its text, kept exactly ("1e400"). Throws json_error when it is not one.
    static json number(std::string_view text);
    // Throws json_error: one JSON text, UTF-8, not deeper than max_depth. Of members with the same
    // key the last one stays.
    static json parse(std::string_view text);
    // Compact text. Throws json_error when a string is not UTF-8 or the value is too deep.
    std::string dump() const;

    kind_type kind() const noexcept;
    const char* kind_name() const noexcept;  // for messages: "a string", "an object", ...
    bool is_null() const noexcept { return kind() == kind_type::null; }
    bool is_bool() const noexcept { return kind() == kind_type::boolean; }
    bool is_number() const noexcept { return kind() == kind_type::number; }
    bool is_string() const noexcept { return kind() == kind_type::string; }
    bool is_array() const noexcept { return kind() == kind_type::array; }
    bool is_object() const noexcept { return kind() == kind_type::object; }
    bool is_int64() const noexcept { return std::holds_alternative<std::int64_t>(data_); }

    bool as_bool() const;
    std::int64_t as_int64() const;    // whole numbers inside the range only
    std::uint64_t as_uint64() const;  // whole numbers inside the range only
    double as_double() const;         // any number: the nearest double
    const std::string& as_string() const&;
    std::string as_string() && { return std::move(const_cast<std::string&>(as_string_ref())); }
    // The exact text of a number, as it would be written.
    std::string number_text() const;

    // Null when missing.
    const json& operator[](std::string_view key) const& noexcept;
    const json& operator[](std::size_t index) const& noexcept;
    json operator[](std::string_view key) && { return std::as_const(*this)[key]; }
    json operator[](std::size_t index) && { return std::as_const(*this)[index]; }
    const json* find(std::string_view key) const noexcept;
    bool contains(std::string_view key) const noexcept { return find(key) != nullptr; }
    std::size_t size() const noexcept;  // items, members, or bytes of a string; otherwise 0
    bool empty() const noexcept { return size() == 0; }
    // Empty unless it is an array / an object. Not of a temporary: the vector would be gone.
    const array_type& items() const& noexcept;
    const object_type& members() const& noexcept;
    array_type items() && { return std::as_const(*this).items(); }
    object_type members() && { return std::as_const(*this).members(); }

    // The member, or the fallback when it is missing or of another kind.
    std::string get_or(std::string_view key, std::string_view fallback) const;
    std::string get_or(std::string_view key, const char* fallback) const {
        return get_or(key, std::string_view(fallback));
    }
    bool get_or(std::string_view key, std::same_as<bool> auto fallback) const;
    std::int64_t get_or(std::string_view key, json_integer auto fallback) const;
    double get_or(std::string_view key, double fallback) const;

    // Null becomes an object / an array; another kind throws json_error.
    json& set(std::string_view key, json value) &;
    json set(std::string_view key, json value) && { return std::move(set(key, std::move(value))); }
    json& push(json item) &;
    bool erase(std::string_view key);
    json& member_for_write(std::string_view key);  // made as null when missing

    // Numbers by value, objects regardless of the order of their members.
    friend bool operator==(const json& a, const json& b);

  private:
    struct exact_number {
        std::string text;
    };
    using data_type = std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double,
                                   exact_number, std::string, array_type, object_type>;
    friend class json_parser;
    friend class json_writer;

    explicit json(data_type data) noexcept : data_(std::move(data)) {}
    template <json_integer T>
    static data_type whole(T number) noexcept {
        if (std::in_range<std::int64_t>(number)) return static_cast<std::int64_t>(number);
        return static_cast<std::uint64_t>(number);
    }
    const std::string& as_string_ref() const;
    [[noreturn]] void wrong_kind(const char* wanted) const;

    data_type data_;
};

}  // namespace sdk
}  // namespace sluice

#include "sluice/detail/json_value.hpp"
// after the functions they use
#include "sluice/detail/json_parser.hpp"
#include "sluice/detail/json_writer.hpp"
