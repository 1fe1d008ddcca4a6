#include "manifest/openapi_style.hpp"

#include "json/text.hpp"

namespace sluice::manifest {
namespace {

constexpr int deepest = 16;

bool is_unreserved(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

// The values of an array or object, each made into text by `text`, `between` them. An object gives
// names and values: "a,1,b,2", or "a=1,b=2" when exploded.
template <class Text>
std::string join(const json::value& content, bool explode, std::string_view between, Text text) {
    std::string made;
    const auto append = [&](std::string_view part) {
        if (!made.empty()) made += between;
        made += part;
    };
    if (content.is_array()) {
        for (const json::value& each : content.items())
            append(text(plain_text(each)));
    } else if (content.is_object()) {
        for (const auto& [name, each] : content.members()) {
            append(text(name) + std::string(explode ? "=" : between) + text(plain_text(each)));
        }
    } else {
        made = text(plain_text(content));
    }
    return made;
}

std::string_view delimiter_of(const std::string& style) {
    if (style == "spaceDelimited") return "%20";
    if (style == "tabDelimited") return "%09";
    if (style == "pipeDelimited") return "%7C";
    return ",";
}

// name[a][b]=c; arrays repeat the name.
void write_deep(const std::string& name, const json::value& content, int depth,
                std::vector<name_and_value>& into) {
    if (content.is_object() && depth < deepest) {
        for (const auto& [key, each] : content.members()) {
            write_deep(name + "%5B" + percent_encode(key) + "%5D", each, depth + 1, into);
        }
    } else if (content.is_array() && depth < deepest) {
        for (const json::value& each : content.items())
            write_deep(name, each, depth + 1, into);
    } else {
        into.emplace_back(name, percent_encode(plain_text(content)));
    }
}

}  // namespace

std::string percent_encode(std::string_view text, bool allow_reserved) {
    // Without & # + and %, which would end the value or mean something else inside a query.
    constexpr std::string_view reserved = ":/?[]@!$'()*,;=";
    constexpr char digits[] = "0123456789ABCDEF";
    std::string made;
    for (const char c : text) {
        if (is_unreserved(c) || (allow_reserved && reserved.find(c) != std::string_view::npos)) {
            made += c;
        } else {
            const auto code = static_cast<unsigned char>(c);
            made += {'%', digits[code >> 4], digits[code & 15]};
        }
    }
    return made;
}

std::string plain_text(const json::value& content) {
    return content.is_string() ? content.as_string() : json::to_text(content);
}

std::vector<name_and_value> write_pairs(const api_parameter& as, const json::value& content) {
    const std::string name = percent_encode(as.name);
    const auto encode = [&](std::string_view text) {
        return percent_encode(text, as.allow_reserved);
    };
    if (as.as_json) return {{name, encode(json::to_text(content))}};
    std::vector<name_and_value> pairs;
    if (as.style == "deepObject") {
        write_deep(name, content, 0, pairs);
    } else if (as.explode && content.is_array()) {
        for (const json::value& each : content.items())
            pairs.emplace_back(name, encode(plain_text(each)));
    } else if (as.explode && content.is_object()) {
        for (const auto& [key, each] : content.members())
            pairs.emplace_back(percent_encode(key), encode(plain_text(each)));
    } else {
        pairs.emplace_back(name, join(content, false, delimiter_of(as.style), encode));
    }
    return pairs;
}

std::string join_pairs(const std::vector<name_and_value>& pairs, std::string_view between) {
    std::string made;
    for (const auto& [name, content] : pairs) {
        if (!made.empty()) made += between;
        made += name + "=" + content;
    }
    return made;
}

std::string write_segment(const api_parameter& as, const json::value& content) {
    const auto encode = [](std::string_view text) { return percent_encode(text); };
    if (as.as_json) return encode(json::to_text(content));
    if (as.style == "label") {
        return "." + join(content, as.explode, as.explode ? "." : ",", encode);
    }
    if (as.style == "matrix") {
        const std::string name = ";" + encode(as.name) + "=";
        if (!as.explode) return name + join(content, false, ",", encode);
        if (content.is_object()) return ";" + join(content, true, ";", encode);
        return name + join(content, false, name, encode);
    }
    return join(content, as.explode, delimiter_of(as.style), encode);
}

std::string write_header(const api_parameter& as, const json::value& content) {
    if (as.as_json) return json::to_text(content);
    return join(content, as.explode, ",", [](std::string_view text) { return std::string(text); });
}

}  // namespace sluice::manifest
