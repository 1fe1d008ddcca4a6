#include "headers.hpp"

#include <algorithm>
#include <array>
#include <sluice/encoding.hpp>

#include "address.hpp"

namespace sluice::http {
namespace {

// RFC 9110: a token.
bool is_name(std::string_view name) {
    constexpr std::string_view others = "!#$%&'*+-.^_`|~";
    return !name.empty() && std::ranges::all_of(name, [&](char c) {
        return (c >= '0' && c <= '9') || (lower_ascii(c) >= 'a' && lower_ascii(c) <= 'z') ||
               others.find(c) != others.npos;
    });
}

bool is_content(std::string_view text) {
    return std::ranges::none_of(text, [](char c) {
        return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == '\x7F';
    });
}

bool is_the_hosts(std::string_view name) {
    constexpr std::array<std::string_view, 8> names = {
        "host", "content-length", "connection", "transfer-encoding",
        "te",   "trailer",        "upgrade",    "expect"};
    return std::ranges::any_of(names, [&](std::string_view each) { return same_name(each, name); });
}

}  // namespace

bool same_name(std::string_view a, std::string_view b) noexcept {
    return std::ranges::equal(a, b,
                              [](char x, char y) { return lower_ascii(x) == lower_ascii(y); });
}

void header_list::set(std::string name, std::string content) {
    erase(name);
    all_.emplace_back(std::move(name), std::move(content));
}

void header_list::erase(std::string_view name) {
    std::erase_if(all_, [&](const auto& each) { return same_name(each.first, name); });
}

void header_list::keep_harmless() {
    std::erase_if(all_, [](const auto& each) {
        const std::string name = lower_ascii(each.first);
        return !name.starts_with("accept") && !name.starts_with("content-") && name != "user-agent";
    });
}

std::string_view header_list::get(std::string_view name) const noexcept {
    for (const auto& [known, content] : all_) {
        if (same_name(known, name)) return content;
    }
    return {};
}

void header_list::set_all(const json& fields, std::string_view where) {
    if (fields.is_null()) return;
    if (!fields.is_object()) {
        throw failure(SLUICE_INVALID_INPUT, std::string(where) + " must be an object");
    }
    for (const auto& [name, content] : fields.members()) {
        if (!is_name(name) || is_the_hosts(name)) {
            throw failure(SLUICE_INVALID_INPUT,
                          std::string(where) + ": '" + name + "' cannot be set as a header");
        }
        if (content.is_null()) {
            erase(name);
            continue;
        }
        std::string text = plain_text(content, std::string(where) + "." + name);
        if (!is_content(text)) {
            throw failure(SLUICE_INVALID_INPUT, std::string(where) + ": the text of '" + name +
                                                    "' has control characters");
        }
        set(name, std::move(text));
    }
}

}  // namespace sluice::http
