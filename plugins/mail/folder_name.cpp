#include "folder_name.hpp"

#include <algorithm>
#include <sluice/connector.hpp>
#include <sluice/encoding.hpp>

#include "gmime_handles.hpp"

namespace sluice::mail {
namespace {

bool is_plain(gunichar c) { return c >= 0x20 && c <= 0x7E; }

// A run of other characters: UTF-16, base64 with ',' for '/', without padding.
std::string shifted(const std::u16string& units) {
    std::string bytes;
    for (const char16_t unit : units) {
        bytes.push_back(static_cast<char>(unit >> 8));
        bytes.push_back(static_cast<char>(unit & 0xFF));
    }
    std::string text = base64_encode(bytes);
    text.erase(text.find_last_not_of('=') + 1);
    std::ranges::replace(text, '/', ',');
    return "&" + text + "-";
}

void append_units(std::u16string& into, gunichar c) {
    if (c < 0x10000) {
        into.push_back(static_cast<char16_t>(c));
    } else {
        into.push_back(static_cast<char16_t>(0xD800 + ((c - 0x10000) >> 10)));
        into.push_back(static_cast<char16_t>(0xDC00 + ((c - 0x10000) & 0x3FF)));
    }
}

// Empty when it is not what `shifted` makes.
std::string unshifted(std::string_view run) {
    std::string text(run);
    std::ranges::replace(text, ',', '/');
    text.append((4 - text.size() % 4) % 4, '=');
    const std::optional<std::string> bytes = base64_decode(text);
    if (!bytes || bytes->size() % 2 != 0) return {};
    std::u16string units;
    for (std::size_t i = 0; i < bytes->size(); i += 2) {
        units.push_back(static_cast<char16_t>(static_cast<unsigned char>((*bytes)[i]) << 8 |
                                              static_cast<unsigned char>((*bytes)[i + 1])));
    }
    const owned_text utf8(g_utf16_to_utf8(reinterpret_cast<const gunichar2*>(units.data()),
                                          static_cast<glong>(units.size()), nullptr, nullptr,
                                          nullptr));
    return utf8 ? utf8.get() : "";
}

}  // namespace

std::string to_folder_name(std::string_view utf8) {
    if (utf8.empty() ||
        g_utf8_validate(utf8.data(), static_cast<gssize>(utf8.size()), nullptr) == FALSE) {
        throw failure(SLUICE_INVALID_INPUT, "the name of the folder must be text");
    }
    std::string name;
    std::u16string waiting;
    const auto flush = [&] {
        if (!waiting.empty()) name += shifted(waiting);
        waiting.clear();
    };
    const char* const end = utf8.data() + utf8.size();
    for (const char* at = utf8.data(); at < end; at = g_utf8_next_char(at)) {
        const gunichar c = g_utf8_get_char(at);
        if (c < 0x20 || c == 0x7F) {
            throw failure(SLUICE_INVALID_INPUT,
                          "the name of the folder must not have control characters");
        }
        if (!is_plain(c)) {
            append_units(waiting, c);
            continue;
        }
        flush();
        name += c == '&' ? "&-" : std::string(1, static_cast<char>(c));
    }
    flush();
    return name;
}

std::string from_folder_name(std::string_view name) {
    std::string text;
    for (std::size_t at = 0; at < name.size();) {
        const std::size_t end = name[at] == '&' ? name.find('-', at) : std::string_view::npos;
        if (end == std::string_view::npos) {
            text.push_back(name[at++]);
            continue;
        }
        const std::string_view run = name.substr(at + 1, end - at - 1);
        const std::string found = run.empty() ? "&" : unshifted(run);
        text += found.empty() ? std::string(name.substr(at, end - at + 1)) : found;
        at = end + 1;
    }
    return clean_text(text.data(), text.size());
}

std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out.push_back('\\');
        out.push_back(c);
    }
    return out + "\"";
}

}  // namespace sluice::mail
