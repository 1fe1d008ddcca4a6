// The host's JSON: immutable, shared, exact for 64-bit integers.
//
// Copying a value is a reference count; strings, arrays and objects are shared between copies and
// are never changed while shared. Numbers are int64, uint64 (only above the int64 range), double,
// or the original text of a number that none of them holds exactly. Objects keep the order in which
// keys were added. Values may be read from any thread.
#pragma once

#include <atomic>
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
    value() noexcept {}  // null
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
    value(const value& other) noexcept : tag_(other.tag_), held_(other.held_) { retain(); }
    value(value&& other) noexcept
        : tag_(std::exchange(other.tag_, tag::null)), held_(other.held_) {}
    value& operator=(const value& other) noexcept {
        value copy(other);
        return *this = std::move(copy);
    }
    value& operator=(value&& other) noexcept {
        value taken(std::move(other));  // first, as `other` may be inside what this one holds
        std::swap(tag_, taken.tag_);
        std::swap(held_, taken.held_);
        return *this;
    }
    ~value() { release(); }

    static value array(std::vector<value> items = {});
    // Later members replace earlier ones of the same key, in the earlier one's place.
    static value object(std::vector<member> members = {});
    static value object(std::initializer_list<member> members);
    // A number by its JSON text, kept exactly ("1e400", "0.1000000000000000000001"). `text` must be
    // a valid JSON number; the smallest exact form is chosen.
    static value number(std::string_view text);
    // Also NaN and infinities, for code that computes: JSON has none, so whoever makes one must
    // turn it into something else before the value leaves. As text NaN is null and an infinity is
    // the largest double; NaN equals nothing and sorts before all numbers.
    static value unbounded(double number) noexcept;

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
    const std::string& as_number_text() const;  // number_form text only
    std::int64_t as_int64() const;              // number_form int64 only
    std::uint64_t as_uint64() const;            // number_form uint64 only
    double as_double() const;                   // any number; the nearest double
    const std::string& as_string() const;
    std::span<const value> items() const;     // array
    std::span<const member> members() const;  // object, in order

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
    // The node itself, unshared, for in-place building; null becomes an empty array or object. Use
    // the reference only until the value is next read or copied, and keep keys unique.
    std::vector<value>& items_for_write();
    std::vector<member>& members_for_write();

    // Structural equality: numbers by mathematical value, objects regardless of key order.
    friend bool operator==(const value& a, const value& b);

  private:
    // From `number_text` on, the content is a node.
    enum class tag : std::uint8_t {
        null,
        boolean,
        int64,
        uint64,
        real,
        number_text,
        string,
        array,
        object
    };
    struct node {
        explicit node(tag of) : kind(of) {}
        std::atomic<std::uint32_t> references{1};
        tag kind;
        node* next_dead = nullptr;  // the list of nodes that destroy() works off
    };
    struct string_node;
    struct array_node;
    struct object_node;
    union payload {
        bool flag;
        std::int64_t int64 = 0;
        std::uint64_t uint64;
        double real;
        value::node* node;
    };

    bool has_node() const noexcept { return tag_ >= tag::number_text; }
    void retain() const noexcept {
        if (has_node()) held_.node->references.fetch_add(1, std::memory_order_relaxed);
    }
    void release() noexcept {
        if (!has_node()) return;
        // The only owner needs no atomic write: nobody else can be copying.
        if (held_.node->references.load(std::memory_order_acquire) == 1 ||
            held_.node->references.fetch_sub(1, std::memory_order_acq_rel) == 1) {
            destroy(held_.node);
        }
    }
    // Not recursive: nests may be deeper than the stack.
    static void destroy(node* dead) noexcept;
    void adopt(tag kind, node* content) noexcept;
    const string_node& as_string_node() const noexcept;
    const array_node& as_array_node() const noexcept;
    const object_node& as_object_node() const noexcept;
    object_node& object_for_write();

    tag tag_ = tag::null;
    payload held_;
};

inline kind value::kind() const noexcept {
    constexpr json::kind kinds[] = {kind::null,   kind::boolean, kind::number,
                                    kind::number, kind::number,  kind::number,
                                    kind::string, kind::array,   kind::object};
    return kinds[static_cast<std::size_t>(tag_)];
}

static_assert(sizeof(void*) == 8, "Sluice runs on 64-bit machines");

// jq's order: null < false < true < numbers < strings < arrays < objects. <0, 0, >0.
int compare(const value& a, const value& b);

}  // namespace sluice::json
