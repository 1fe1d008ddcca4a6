#include "net/http_headers.hpp"

#include <algorithm>

namespace sluice::net {

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool is_token_character(char c) {
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) return true;
    return std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

}  // namespace

headers::headers(std::initializer_list<std::pair<std::string_view, std::string_view>> fields) {
    for (const auto& [name, value] : fields)
        add(name, value);
}

void headers::add(std::string_view name, std::string_view value) {
    // The arguments may be views into this list.
    std::string grown;
    const auto offset = text_.size();
    if (text_.capacity() - offset < name.size() + value.size()) {
        grown.reserve(2 * text_.capacity() + name.size() + value.size());
        grown = text_;
        grown.append(name).append(value);
        text_.swap(grown);
    } else {
        text_.append(name).append(value);
    }
    fields_.push_back({static_cast<std::uint32_t>(offset), static_cast<std::uint32_t>(name.size()),
                       static_cast<std::uint32_t>(value.size())});
}

void headers::set(std::string_view name, std::string_view value) {
    const std::string kept_name(name);
    const std::string kept_value(value);
    erase(kept_name);
    add(kept_name, kept_value);
}

// The text stays until the list is cleared: lists are short-lived, compacting would cost more.
std::size_t headers::erase(std::string_view name) {
    return std::erase_if(fields_, [&](const entry& field) {
        return equal_without_case(std::string_view(text_).substr(field.offset, field.name_size),
                                  name);
    });
}

void headers::clear() {
    text_.clear();
    fields_.clear();
}

void headers::reserve(std::size_t fields, std::size_t bytes) {
    fields_.reserve(fields);
    text_.reserve(bytes);
}

std::optional<std::string_view> headers::find(std::string_view name) const {
    for (const auto field : *this) {
        if (equal_without_case(field.name, name)) return field.value;
    }
    return std::nullopt;
}

std::vector<std::string_view> headers::all(std::string_view name) const {
    std::vector<std::string_view> values;
    for (const auto field : *this) {
        if (equal_without_case(field.name, name)) values.push_back(field.value);
    }
    return values;
}

header_field headers::operator[](std::size_t index) const {
    const auto& field = fields_[index];
    const std::string_view text = text_;
    return {text.substr(field.offset, field.name_size),
            text.substr(field.offset + field.name_size, field.value_size)};
}

bool equal_without_case(std::string_view a, std::string_view b) {
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
               return x == y || lower(x) == lower(y);
           });
}

bool is_token(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), is_token_character);
}

bool is_valid_field(std::string_view name, std::string_view value) {
    return is_token(name) && std::none_of(value.begin(), value.end(), [](char c) {
               return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
           });
}

}  // namespace sluice::net
