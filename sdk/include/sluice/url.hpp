// Building URLs out of parts that come from users.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sluice/failure.hpp"

namespace sluice {
inline namespace sdk {

// Percent-encodes everything except letters, digits and "-._~" (RFC 3986), so that the result is
// safe as one path segment and as a name or value of a query.
inline std::string percent_encode(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
        if (plain) {
            out.push_back(c);
        } else {
            out.push_back('%');
            out.push_back(digits[static_cast<unsigned char>(c) >> 4]);
            out.push_back(digits[static_cast<unsigned char>(c) & 0xF]);
        }
    }
    return out;
}

// A base address to which path segments and a query are added:
//   url(base) / "repos" / owner / name          -> <base>/repos/<owner>/<name>
//   (url(base) / "issues").query("page", 2)     -> <base>/issues?page=2
// The base may have a path of its own and a slash at its end; it must not have a query.
class url {
  public:
    explicit url(std::string_view base) : text_(base) {
        while (text_.ends_with('/'))
            text_.pop_back();
    }

    // Adds one segment, encoded. A segment that is empty, "." or ".." would lead to another
    // resource: SLUICE_INVALID_INPUT.
    url& segment(std::string_view name) & {
        if (name.empty() || name == "." || name == "..") {
            throw failure(SLUICE_INVALID_INPUT,
                          "'" + std::string(name) + "' cannot be a part of an address's path");
        }
        text_ += '/';
        text_ += percent_encode(name);
        return *this;
    }
    // Adds several segments that the connector itself wrote, as they are: path("/api/v2/records").
    url& path(std::string_view fixed) & {
        if (!fixed.starts_with('/')) text_ += '/';
        text_ += fixed;
        return *this;
    }
    url& query(std::string_view name, std::string_view value) & {
        text_ += text_.find('?') == text_.npos ? '?' : '&';
        text_ += percent_encode(name);
        text_ += '=';
        text_ += percent_encode(value);
        return *this;
    }
    url& query(std::string_view name, const char* value) & {
        return query(name, std::string_view(value));
    }
    url& query(std::string_view name, std::int64_t value) & {
        return query(name, std::string_view(std::to_string(value)));
    }

    url&& segment(std::string_view name) && { return std::move(segment(name)); }
    url&& path(std::string_view fixed) && { return std::move(path(fixed)); }
    template <class T>
    url&& query(std::string_view name, const T& value) && {
        return std::move(query(name, value));
    }
    friend url operator/(url base, std::string_view name) {
        base.segment(name);
        return base;
    }

    const std::string& text() const noexcept { return text_; }
    operator std::string() const { return text_; }

  private:
    std::string text_;
};

}  // namespace sdk
}  // namespace sluice
