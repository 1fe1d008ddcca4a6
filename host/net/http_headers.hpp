// A list of HTTP fields: ordered, repeated names allowed, names compared without case.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::net {

struct header_field {
    std::string_view name;  // as received or added
    std::string_view value;
};

// All text lives in one block, so a request with a dozen fields costs two allocations. Views are
// valid until the list is changed or destroyed.
class headers {
  public:
    headers() = default;
    headers(std::initializer_list<std::pair<std::string_view, std::string_view>> fields);

    // Appends a field, keeping earlier ones of that name. Text is taken as it is: what goes on the
    // wire is checked there (is_valid_field).
    void add(std::string_view name, std::string_view value);
    // Replaces all fields of that name by this one, which goes last.
    void set(std::string_view name, std::string_view value);
    // Removes all fields of that name; how many there were.
    std::size_t erase(std::string_view name);
    void clear();
    void reserve(std::size_t fields, std::size_t bytes);

    // The first value of that name.
    std::optional<std::string_view> find(std::string_view name) const;
    // The first value of that name, or "".
    std::string_view get(std::string_view name) const { return find(name).value_or(""); }
    bool has(std::string_view name) const { return find(name).has_value(); }
    // Every value of that name, in order.
    std::vector<std::string_view> all(std::string_view name) const;

    std::size_t size() const { return fields_.size(); }
    bool empty() const { return fields_.empty(); }
    header_field operator[](std::size_t index) const;

    class iterator {
      public:
        using iterator_category = std::input_iterator_tag;
        using value_type = header_field;
        using difference_type = std::ptrdiff_t;
        using pointer = void;
        using reference = header_field;
        iterator(const headers* list, std::size_t index) : list_(list), index_(index) {}
        header_field operator*() const { return (*list_)[index_]; }
        iterator& operator++() { return ++index_, *this; }
        iterator operator++(int) { return {list_, index_++}; }
        bool operator==(const iterator& other) const { return index_ == other.index_; }

      private:
        const headers* list_;
        std::size_t index_;
    };
    iterator begin() const { return {this, 0}; }
    iterator end() const { return {this, size()}; }

  private:
    struct entry {
        std::uint32_t offset;  // of the name in text_; the value follows it
        std::uint32_t name_size;
        std::uint32_t value_size;
    };
    std::string text_;
    std::vector<entry> fields_;
};

// ASCII only, as HTTP names are.
bool equal_without_case(std::string_view a, std::string_view b);

// A token (RFC 9110): field names and methods.
bool is_token(std::string_view text);
// A name and value that may go on the wire: a token, and no CR, LF, NUL or other control character.
bool is_valid_field(std::string_view name, std::string_view value);

}  // namespace sluice::net
