// The host's JSON: immutable, shared, exact for 64-bit integers.
//
// Copying a value is a reference count; strings, arrays and objects are shared between copies and
// are never changed while shared. Numbers are int64, uint64 (only above the int64 range), double,
// or the original text of a number that none of them holds exactly. Objects keep the order in which
// keys were added. Values may be read from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::json {

enum class kind : std::uint8_t { null, boolean, number, string, array, object };
enum class number_form : std::uint8_t { int64, uint64, real, text };

class value;
using member = std::pair<std::string, value>;

class value {
  public:
    value() noexcept = default;  // null
    value(std::nullptr_t) noexcept {}
    value(bool flag) noexcept;
    value(int number) noexcept : value(static_cast<std::int64_t>(number)) {}
    value(unsigned number) noexcept : value(static_cast<std::int64_t>(number)) {}
    value(long number) noexcept;
    value(long long number) noexcept : value(static_cast<long>(number)) {}
    value(unsigned long number) noexcept;  // becomes int64 when it fits
    value(unsigned long long number) noexcept : value(static_cast<unsigned long>(number)) {}
    value(double number) noexcept;  // must be finite; NaN and infinities become null
    value(std::string text);        // must be valid UTF-8
    value(std::string_view text);
    value(const char* text);
    value(const value& other) noexcept;
    value(value&& other) noexcept;
    value& operator=(const value& other) noexcept;
    value& operator=(value&& other) noexcept;
    ~value();

    static value array(std::vector<value> items = {});
    // Later members replace earlier ones of the same key, in the earlier one's place.
    static value object(std::vector<member> members = {});
    static value object(std::initializer_list<member> members);
    // A number by its JSON text, kept exactly ("1e400", "0.1000000000000000000001"). `text` must be
    // a valid JSON number; the smallest exact form is chosen.
    static value number(std::string_view text);

    json::kind kind() const noexcept;
    bool is_null() const noexcept { return kind() == kind::null; }
    bool is_bool() const noexcept { return kind() == kind::boolean; }
    bool is_number() const noexcept { return kind() == kind::number; }
    bool is_string() const noexcept { return kind() == kind::string; }
    bool is_array() const noexcept { return kind() == kind::array; }
    bool is_object() const noexcept { return kind() == kind::object; }

    // Asking for another kind than the value's own ends the process: check first.
    bool as_bool() const;
    json::number_form number_form() const;
    std::int64_t as_int64() const;    // number_form int64 only
    std::uint64_t as_uint64() const;  // number_form uint64 only
    double as_double() const;         // any number; the nearest double
    const std::string& as_string() const;
    std::span<const value> items() const;           // array
    std::span<const member> members() const;        // object, in order

    std::size_t size() const noexcept;  // items, members or bytes of a string; 0 otherwise

    // Lenient readers for configuration and replies: never end the process.
    const value* find(std::string_view key) const noexcept;  // null unless object with that key
    const value& get(std::string_view key) const noexcept;   // null value when missing
    const value& at(std::size_t index) const noexcept;       // null value when missing
    std::string string_or(std::string_view key, std::string_view fallback) const;
    std::int64_t int_or(std::string_view key, std::int64_t fallback) const;
    bool bool_or(std::string_view key, bool fallback) const;

    // Changing: copies on write when shared. `set` on null makes an object, `push` on null makes an
    // array; on another kind they end the process.
    void set(std::string key, value content);
    bool erase(std::string_view key);
    void push(value item);
    // The node itself, unshared, for in-place building.
    std::vector<value>& items_for_write();
    std::vector<member>& members_for_write();

    // Structural equality: numbers by mathematical value, objects regardless of key order.
    friend bool operator==(const value& a, const value& b);

  private:
    enum class tag : std::uint8_t {
        null, boolean, int64, uint64, real, number_text, string, array, object
    };
    struct node;
    void retain() const noexcept;
    void release() noexcept;

    tag tag_ = tag::null;
    union {
        bool flag_;
        std::int64_t int_ = 0;
        std::uint64_t uint_;
        double real_;
        node* node_;
    };
};

static_assert(sizeof(void*) == 8, "Sluice runs on 64-bit machines");

// jq's order: null < false < true < numbers < strings < arrays < objects. <0, 0, >0.
int compare(const value& a, const value& b);

}  // namespace sluice::json
