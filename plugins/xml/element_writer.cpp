#include "element_writer.hpp"

#include <sluice/failure.hpp>

#include "escaping.hpp"

namespace xml {

using sluice::failure;
using sluice::text_encoding;

namespace {

// A name cannot have references in place of characters that the encoding lacks.
void check_name(std::string_view name, text_encoding encoding) {
    std::string encoded;
    const bool fits = is_name(name) && !encode_text(encoded, name, encoding);
    if (fits) return;
    throw failure(SLUICE_INVALID_INPUT, "'" + std::string(sluice::detail::utf8_prefix(name, 60)) +
                                            "' cannot be a name in XML in " +
                                            std::string(name_of(encoding)));
}

bool is_child(std::string_view key) { return key != "#text" && !key.starts_with('@'); }

}  // namespace

void element_writer::put(std::string_view markup) {
    while (!markup.empty()) {
        const auto missing = encode_text(out_, markup, encoding_);
        if (!missing) return;
        markup.remove_prefix(*missing);
        const std::size_t length = sluice::detail::utf8_length(markup);
        std::string wide;
        encode_text(wide, markup.substr(0, length), text_encoding::utf16be);
        std::uint32_t code = 0;
        for (const char byte : wide.substr(0, 2))
            code = code << 8 | static_cast<unsigned char>(byte);
        if (wide.size() == 4) {
            const std::uint32_t low =
                static_cast<unsigned char>(wide[2]) << 8u | static_cast<unsigned char>(wide[3]);
            code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
        }
        out_ += "&#" + std::to_string(code) + ";";
        markup.remove_prefix(length);
    }
}

void element_writer::write_declaration() {
    const bool wide = encoding_ == text_encoding::utf16le || encoding_ == text_encoding::utf16be;
    if (wide) put("\xEF\xBB\xBF");
    put("<?xml version=\"1.0\" encoding=\"");
    put(wide ? "utf-16" : name_of(encoding_));
    put(indent_ ? "\"?>\n" : "\"?>");
}

std::string element_writer::text_of(const std::string& name, const json& value) const {
    if (value.is_null()) return "";
    if (value.is_array() || value.is_object()) {
        throw failure(SLUICE_INVALID_INPUT, "'" + name + "' must be text, a number or a boolean");
    }
    std::string text = value.is_string() ? value.as_string() : value.dump();
    if (const std::size_t bad = find_forbidden(text); bad != text.npos) {
        throw failure(SLUICE_INVALID_INPUT, "the text of '" + name +
                                                "' has a character that XML does not have, " +
                                                std::to_string(bad) + " bytes behind its front");
    }
    return text;
}

void element_writer::write_attributes(const json& value) {
    for (const auto& [key, content] : value.members()) {
        if (!key.starts_with('@')) continue;
        const std::string name = key.substr(1);
        check_name(name, encoding_);
        if (content.is_null()) continue;
        std::string text;
        append_attribute_text(text, text_of(key, content));
        put(" " + name + "=\"" + text + "\"");
    }
}

void element_writer::write_children(const json& value, std::size_t depth) {
    for (const auto& [key, content] : value.members()) {
        if (!is_child(key)) continue;
        if (!content.is_array()) {
            write_element(key, content, depth);
            continue;
        }
        for (const json& item : content.items())
            write_element(key, item, depth);
    }
}

void element_writer::write_element(const std::string& name, const json& value, std::size_t depth) {
    check_name(name, encoding_);
    if (value.is_array()) {
        throw failure(SLUICE_INVALID_INPUT, "'" + name + "' is a list where one value must be");
    }
    const std::string line = indent_ ? std::string(2 * depth, ' ') : "";
    put(line + "<" + name);
    std::string text;
    bool children = false;
    if (value.is_object()) {
        write_attributes(value);
        append_text(text, text_of(name, value["#text"]));
        for (const auto& [key, content] : value.members()) {
            const bool none = content.is_array() && content.empty();
            children = children || (is_child(key) && !none);
        }
    } else {
        append_text(text, text_of(name, value));
    }
    const char* end = indent_ ? "\n" : "";
    if (text.empty() && !children) {
        put(std::string("/>") + end);
        return;
    }
    put(">" + text);
    if (children) {
        put(end);
        write_children(value, depth + 1);
        put(line);
    }
    put("</" + name + ">" + end);
}

}  // namespace xml
