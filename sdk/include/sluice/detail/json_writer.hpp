#pragma once

#include <array>
#include <charconv>

#include "sluice/detail/json_text.hpp"
#include "sluice/detail/utf8.hpp"
#include "sluice/json.hpp"

namespace sluice {
inline namespace sdk {

class json_writer {
  public:
    void write(const json& value, std::size_t depth = 0) {
        if (const auto* number = std::get_if<json::exact_number>(&value.data_)) {
            out_ += number->text;
        } else if (value.is_number()) {
            write_number(value);
        } else if (value.is_string()) {
            write_string(value.as_string());
        } else if (value.is_array()) {
            write_array(value, depth);
        } else if (value.is_object()) {
            write_object(value, depth);
        } else if (value.is_bool()) {
            out_ += value.as_bool() ? "true" : "false";
        } else {
            out_ += "null";
        }
    }
    std::string take() { return std::move(out_); }

  private:
    static void check(std::size_t depth) {
        if (depth >= json::max_depth) throw json_error("a JSON value is nested too deeply");
    }

    void write_number(const json& value) {
        std::array<char, 32> text;
        const auto written = std::visit(
            [&](const auto& number) -> std::to_chars_result {
                using type = std::decay_t<decltype(number)>;
                if constexpr (std::same_as<type, bool> || !std::is_arithmetic_v<type>) {
                    return {text.data(), std::errc()};
                } else {
                    return std::to_chars(text.data(), text.data() + text.size(), number);
                }
            },
            value.data_);
        out_.append(text.data(), written.ptr);
    }

    void write_array(const json& value, std::size_t depth) {
        check(depth);
        char before = '[';
        for (const json& item : value.items()) {
            out_.push_back(before);
            write(item, depth + 1);
            before = ',';
        }
        if (before == '[') out_.push_back('[');
        out_.push_back(']');
    }

    void write_object(const json& value, std::size_t depth) {
        check(depth);
        char before = '{';
        for (const auto& [key, content] : value.members()) {
            out_.push_back(before);
            write_string(key);
            out_.push_back(':');
            write(content, depth + 1);
            before = ',';
        }
        if (before == '{') out_.push_back('{');
        out_.push_back('}');
    }

    void write_string(std::string_view text) {
        out_.push_back('"');
        for (;;) {
            const std::size_t plain = detail::plain_json_size(text);
            out_.append(text.substr(0, plain));
            text.remove_prefix(plain);
            if (text.empty()) break;
            const std::size_t length = detail::utf8_length(text);
            if (length == 0) {
                throw json_error("a string is not UTF-8: encode bytes as base64 or use a blob");
            }
            if (length == 1) {
                write_ascii(text.front());
            } else {
                out_.append(text.substr(0, length));
            }
            text.remove_prefix(length);
        }
        out_.push_back('"');
    }

    void write_ascii(char c) {
        constexpr std::string_view special = "\"\\\b\f\n\r\t";
        constexpr std::string_view names = "\"\\bfnrt";
        if (const std::size_t index = special.find(c); index != special.npos) {
            out_.push_back('\\');
            out_.push_back(names[index]);
        } else if (static_cast<unsigned char>(c) < 0x20) {
            constexpr std::string_view digits = "0123456789abcdef";
            out_ += "\\u00";
            out_.push_back(digits[static_cast<unsigned char>(c) >> 4]);
            out_.push_back(digits[static_cast<unsigned char>(c) & 0xF]);
        } else {
            out_.push_back(c);
        }
    }

    std::string out_;
};

inline std::string json::dump() const {
    json_writer writer;
    writer.write(*this);
    return writer.take();
}

}  // namespace sdk
}  // namespace sluice
