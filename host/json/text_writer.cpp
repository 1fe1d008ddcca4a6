// Values to text. Not recursive: nests may be deeper than the stack.
#include <array>
#include <vector>

#include "base/encoding.hpp"
#include "json/number.hpp"
#include "json/text.hpp"

namespace sluice::json {

namespace {

// The letter of a short escape, 'u' for other control characters, 0 for what stands as it is.
constexpr std::array<char, 256> escapes = [] {
    std::array<char, 256> letters{};
    for (std::size_t i = 0; i < 0x20; ++i)
        letters[i] = 'u';
    letters['\b'] = 'b';
    letters['\f'] = 'f';
    letters['\n'] = 'n';
    letters['\r'] = 'r';
    letters['\t'] = 't';
    letters['"'] = '"';
    letters['\\'] = '\\';
    return letters;
}();

void append_string(std::string& out, std::string_view text) {
    out += '"';
    std::size_t copied = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char escape = escapes[static_cast<unsigned char>(text[i])];
        if (escape == 0) continue;
        out.append(text, copied, i - copied);
        copied = i + 1;
        out += '\\';
        out += escape;
        if (escape == 'u') out += "00" + base::to_hex(text.substr(i, 1));
    }
    out.append(text, copied);
    out += '"';
}

class writer {
  public:
    writer(std::string& out, bool pretty) : out_(out), pretty_(pretty) {}

    void write(const value& content) {
        begin(content);
        while (!open_.empty()) {
            container& top = open_.back();
            if (top.next == top.content->size()) {
                end();
                continue;
            }
            if (top.next > 0) out_ += ',';
            break_line();
            const std::size_t at = top.next++;
            if (top.content->is_array()) {
                begin(top.content->at(at));
            } else {
                const member& item = top.content->members()[at];
                append_string(out_, item.first);
                out_ += pretty_ ? ": " : ":";
                begin(item.second);
            }
        }
    }

  private:
    struct container {
        const value* content;
        std::size_t next = 0;
    };

    // Writes a value, of containers the beginning.
    void begin(const value& content) {
        switch (content.kind()) {
            case kind::null:
                out_ += "null";
                break;
            case kind::boolean:
                out_ += content.as_bool() ? "true" : "false";
                break;
            case kind::number:
                append_number(out_, content);
                break;
            case kind::string:
                append_string(out_, content.as_string());
                break;
            case kind::array:
                out_ += '[';
                open_.push_back({&content});
                break;
            case kind::object:
                out_ += '{';
                open_.push_back({&content});
                break;
        }
    }

    void end() {
        const value& content = *open_.back().content;
        open_.pop_back();
        if (content.size() > 0) break_line();
        out_ += content.is_array() ? ']' : '}';
    }

    void break_line() {
        if (!pretty_) return;
        out_ += '\n';
        out_.append(open_.size() * 2, ' ');
    }

    std::string& out_;
    bool pretty_;
    std::vector<container> open_;
};

}  // namespace

std::string to_text(const value& content) {
    std::string text;
    append_text(text, content);
    return text;
}

std::string to_pretty_text(const value& content) {
    std::string text;
    writer(text, true).write(content);
    return text;
}

void append_text(std::string& out, const value& content) { writer(out, false).write(content); }

}  // namespace sluice::json
