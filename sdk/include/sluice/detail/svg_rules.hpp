// What a connector's icon may be: a small drawing that a page can show without trusting its maker.
// Used where descriptors are written (sdk/embed) and where they are read (host/plugin).
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace sluice {
inline namespace sdk {
namespace detail {

inline constexpr std::size_t longest_icon = 16 * 1024;

// Reads tags and attributes one after the other. Only what is listed here is drawn; so scripts,
// handlers, animations of addresses, style sheets and things to come have no way in.
class svg_reader {
  public:
    explicit svg_reader(std::string_view text) : rest_(text) {}

    // Why the text is no icon, or empty.
    std::string problem() {
        if (rest_.size() > longest_icon) return "is longer than 16 KiB";
        if (!rest_.starts_with("<svg")) return "must begin with <svg";
        if (rest_.find('&') != rest_.npos) return "must not contain '&'";
        while (why_.empty() && !rest_.empty()) {
            const std::size_t open = rest_.find('<');
            if (open == rest_.npos) break;
            rest_.remove_prefix(open + 1);
            read_tag();
        }
        if (why_.empty() && depth_ != 0) why_ = "must close all its elements";
        return why_;
    }

  private:
    static constexpr std::string_view elements_[] = {
        "svg",      "g",       "defs",           "symbol",        "use",      "title",
        "desc",     "path",    "rect",           "line",          "text",     "tspan",
        "mask",     "circle",  "ellipse",        "polygon",       "polyline", "stop",
        "clipPath", "pattern", "linearGradient", "radialGradient"};

    static bool is_name_part(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_' || c == ':';
    }
    static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
    static std::string lower(std::string_view text) {
        std::string out(text);
        for (char& c : out) {
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        }
        return out;
    }

    bool skip(char wanted) {
        if (!rest_.starts_with(wanted)) return false;
        rest_.remove_prefix(1);
        return true;
    }
    void skip_space() {
        while (!rest_.empty() && is_space(rest_.front()))
            rest_.remove_prefix(1);
    }
    std::string_view name() {
        std::size_t size = 0;
        while (size < rest_.size() && is_name_part(rest_[size]))
            ++size;
        const std::string_view found = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return found;
    }

    void read_tag() {
        const bool closes = skip('/');
        const std::string_view element = name();
        if (std::find(std::begin(elements_), std::end(elements_), element) == std::end(elements_)) {
            why_ = "must not contain <" +
                   std::string(element.empty() ? rest_.substr(0, 1) : element) + ">";
            return;
        }
        for (;;) {
            skip_space();
            if (skip('>')) {
                depth_ += closes ? -1 : 1;
                break;
            }
            if (!closes && rest_.starts_with("/>")) {
                rest_.remove_prefix(2);
                break;
            }
            if (closes || !read_attribute()) return broken();
            if (!why_.empty()) return;
        }
        if (depth_ < 0 || (depth_ == 0 && rest_.find('<') != rest_.npos)) broken();
    }

    bool read_attribute() {
        const std::string_view attribute = name();
        if (attribute.empty()) return false;
        skip_space();
        if (!skip('=')) return false;
        skip_space();
        const char quote = rest_.empty() ? '\0' : rest_.front();
        if (quote != '"' && quote != '\'') return false;
        rest_.remove_prefix(1);
        const std::size_t end = rest_.find(quote);
        if (end == rest_.npos) return false;
        const std::string_view value = rest_.substr(0, end);
        rest_.remove_prefix(end + 1);
        if (value.find('<') != value.npos) return false;
        check_attribute(lower(attribute), lower(value));
        return true;
    }

    void check_attribute(const std::string& attribute, const std::string& value) {
        if (attribute.starts_with("on")) why_ = "must not contain the handler " + attribute;
        const bool refers = attribute == "href" || attribute.ends_with(":href");
        if (refers && !value.starts_with('#')) why_ = "must refer to nothing outside of itself";
        if (value.find('\\') != value.npos || value.find('@') != value.npos) {
            why_ = "must not contain '\\' or '@' in attributes";
        }
        for (std::size_t at = value.find("url("); at != value.npos;
             at = value.find("url(", at + 1)) {
            if (value.compare(at, 5, "url(#") != 0)
                why_ = "must refer to nothing outside of itself";
        }
    }

    void broken() { why_ = "is not well-formed"; }

    std::string_view rest_;
    std::string why_;
    int depth_ = 0;
};

// Why the text is no icon (a verb and what follows it), or empty.
inline std::string icon_problem(std::string_view svg) { return svg_reader(svg).problem(); }

}  // namespace detail
}  // namespace sdk
}  // namespace sluice
