#include "parse_limit.hpp"

#include <strings.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gmime_handles.hpp"

namespace sluice::mail {
namespace {

constexpr std::uint64_t largest_headers = 4 << 20;
constexpr std::uint64_t most_bytes_between = 1 << 20;
constexpr unsigned most_parts = 10'000;
constexpr std::size_t deepest = 30;
constexpr std::size_t longest_type = 8 * 1024;  // also what is kept of a line

std::string_view without_end(std::string_view line) {
    while (!line.empty() && std::string_view(" \t\r").find(line.back()) != line.npos)
        line.remove_suffix(1);
    return line;
}

// What a line of a header takes: GMime makes an object of each header, each address and each
// parameter. Of what is not kept of the line, every second byte may be a comma.
std::uint64_t weight_of(std::string_view kept, std::uint64_t size) {
    constexpr std::uint64_t header = 128;
    constexpr std::uint64_t item = 64;
    const auto items = static_cast<std::uint64_t>(std::ranges::count_if(
        kept, [](char c) { return std::string_view(",;:<").find(c) != std::string_view::npos; }));
    const std::uint64_t rest = size - std::min<std::uint64_t>(size, kept.size());
    return header + size + item * (items + rest / 2);
}

// Follows headers, parts and what stands between them, as GMime does. Where a message leaves a
// choice (two types in one header), it takes both.
class outline {
  public:
    // False: with this line it would be too much. `line` is its beginning, without the newline.
    bool take(std::string_view line, std::uint64_t size) {
        if (line.starts_with("--") && enter_part(line)) {
            ++parts_;
        } else if (place_ == place::between) {
            between_ += size;
        } else if (place_ == place::header) {
            headers_ += weight_of(line, size);
            take_header(line);
        }
        return parts_ <= most_parts && between_ <= most_bytes_between &&
               headers_ <= largest_headers && !too_deep_;
    }

  private:
    enum class place : unsigned char { header, body, between };
    struct level {
        std::string boundary;  // with the dashes before it
        bool digest = false;   // its parts are messages unless they say otherwise
    };

    bool enter_part(std::string_view line) {
        read_type();
        for (std::size_t i = levels_.size(); i-- > 0;) {
            const std::string& boundary = levels_[i].boundary;
            if (!line.starts_with(boundary)) continue;
            const std::string_view rest = without_end(line.substr(boundary.size()));
            if (!rest.empty() && !rest.starts_with("--")) continue;
            levels_.resize(rest.empty() ? i + 1 : i);
            place_ = rest.empty() ? place::header : place::between;
            begin_header(rest.empty() && levels_.back().digest);
            messages_ = 0;
            return true;
        }
        return false;
    }

    void begin_header(bool usually_message) {
        type_.clear();
        message_ = usually_message;
        multipart_ = false;
    }

    void take_header(std::string_view line) {
        if (line.starts_with(' ') || line.starts_with('\t')) {
            if (!type_.empty()) type_ += line;
            too_deep_ = too_deep_ || type_.size() > longest_type;
            return;
        }
        read_type();
        if (without_end(line).empty()) {
            place_ = multipart_ ? place::between : message_ ? place::header : place::body;
            too_deep_ = too_deep_ || ++messages_ > deepest;
            begin_header(false);
            return;
        }
        constexpr std::string_view wanted = "content-type";
        const std::string_view name = without_end(line.substr(0, line.find(':')));
        if (name.size() < line.size() && name.size() == wanted.size() &&
            ::strncasecmp(name.data(), wanted.data(), name.size()) == 0) {
            type_ = std::string(line.substr(line.find(':') + 1)) + ' ';
            message_ = false;
        }
    }

    // The content type that has been read to its end.
    void read_type() {
        if (type_.empty()) return;
        const owned<GMimeContentType> type(
            g_mime_content_type_parse(nullptr, std::exchange(type_, {}).c_str()));
        if (!type) return;
        message_ = message_ || g_mime_content_type_is_type(type.get(), "message", "*") != FALSE;
        if (g_mime_content_type_is_type(type.get(), "multipart", "*") == FALSE) return;
        multipart_ = true;
        const char* const boundary = g_mime_content_type_get_parameter(type.get(), "boundary");
        if (boundary == nullptr) return;
        levels_.push_back(
            {std::string("--") + boundary,
             g_mime_content_type_is_type(type.get(), "multipart", "digest") != FALSE});
        too_deep_ = too_deep_ || levels_.size() > deepest;
    }

    place place_ = place::header;
    std::vector<level> levels_;
    std::string type_;          // of the header, as far as it has come; empty: none
    bool message_ = false;      // what the header is about is a message: another header follows
    bool multipart_ = false;    // or parts
    std::size_t messages_ = 0;  // inside each other, since the last part began
    bool too_deep_ = false;
    unsigned parts_ = 0;
    std::uint64_t headers_ = 0;
    std::uint64_t between_ = 0;
};

}  // namespace

std::uint64_t parse_limit(const temporary_file& message) {
    outline seen;
    std::string line;          // its beginning
    std::uint64_t begins = 0;  // the line
    std::uint64_t offset = 0;  // of what is read next
    std::string bytes(256 * 1024, '\0');
    while (true) {
        const ssize_t count =
            ::pread(message.descriptor(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (count < 0) throw failure(SLUICE_UNAVAILABLE, "a temporary file cannot be read");
        std::string_view rest(bytes.data(), static_cast<std::size_t>(count));
        while (!rest.empty()) {
            const std::size_t end = std::min(rest.find('\n'), rest.size());
            line +=
                rest.substr(0, std::min(end, longest_type - std::min(longest_type, line.size())));
            const bool whole = end < rest.size();
            const std::size_t taken = whole ? end + 1 : end;
            rest.remove_prefix(taken);
            offset += taken;
            if (!whole) break;
            if (!seen.take(line, offset - begins)) return begins;
            line.clear();
            begins = offset;
        }
        if (count == 0) return seen.take(line, offset - begins) ? offset : begins;
    }
}

}  // namespace sluice::mail
