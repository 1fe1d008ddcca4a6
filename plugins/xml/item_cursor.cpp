#include "item_cursor.hpp"

#include <sluice/failure.hpp>
#include <sluice/text_encoding.hpp>
#include <utility>

#include "escaping.hpp"

namespace xml {

using sluice::failure;

namespace {

constexpr std::size_t longest_cursor = 64 * 1024;

[[noreturn]] void refuse() {
    throw failure(SLUICE_INVALID_INPUT, "the cursor is not one that parseItems gave for this file");
}

open_element read_element(const json& found) {
    open_element element{found["name"].as_string(), {}};
    for (const auto& [prefix, uri] : found["scope"].members())
        element.scope.emplace_back(prefix, uri.as_string());
    return element;
}

}  // namespace

item_cursor item_cursor::read(const json& text, std::uint64_t size) {
    item_cursor cursor;
    try {
        const json found = json::parse(text.as_string());
        if (found["size"].as_uint64() != size) refuse();
        cursor.where = {found["at"].as_uint64(), found["line"].as_uint64(),
                        found["column"].as_uint64()};
        cursor.encoding = found["encoding"].as_string();
        cursor.count = found["count"].as_uint64();
        cursor.at_end = found["end"].as_bool();
        for (const json& element : found["around"].items())
            cursor.around.push_back(read_element(element));
    } catch (const sluice::json_error&) {
        refuse();
    }
    const bool fits =
        cursor.where.offset <= size && cursor.where.line > 0 && cursor.where.column > 0;
    if (!fits || (cursor.around.empty() && !cursor.at_end)) refuse();
    for (const open_element& element : cursor.around) {
        if (!is_name(element.name)) refuse();
        for (const auto& [prefix, uri] : element.scope) {
            if (!prefix.empty() && !is_name(prefix)) refuse();
        }
    }
    return cursor;
}

std::string item_cursor::text(std::uint64_t size) const {
    json elements = json::array();
    for (const open_element& element : around) {
        json scope = json::object();
        for (const auto& [prefix, uri] : element.scope)
            scope.set(prefix, uri);
        elements.push(json{{"name", element.name}, {"scope", std::move(scope)}});
    }
    std::string made = json{{"at", where.offset},     {"line", where.line},
                            {"column", where.column}, {"encoding", encoding},
                            {"count", count},         {"size", size},
                            {"end", at_end},          {"around", std::move(elements)}}
                           .dump();
    if (made.size() > longest_cursor) {
        throw failure(SLUICE_INVALID_INPUT,
                      "too many namespaces are declared around the items to remember the place");
    }
    return made;
}

std::string item_cursor::start_tags() const {
    std::string tags;
    for (const open_element& element : around) {
        tags += '<' + element.name;
        for (const auto& [prefix, uri] : element.scope) {
            tags += prefix.empty() ? " xmlns=\"" : " xmlns:" + prefix + "=\"";
            append_attribute_text(tags, uri);
            tags += '"';
        }
        tags += '>';
    }
    const std::string name = encoding == "UTF-16LE"       ? "utf-16le"
                             : encoding == "UTF-16BE"     ? "utf-16be"
                             : encoding == "ISO-8859-1"   ? "iso-8859-1"
                             : encoding == "windows-1252" ? "windows-1252"
                                                          : "utf-8";
    std::string encoded;
    encode_text(encoded, tags, *sluice::find_text_encoding(name));
    return encoded;
}

}  // namespace xml
