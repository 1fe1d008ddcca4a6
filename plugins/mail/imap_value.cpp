#include "imap_value.hpp"

#include <strings.h>
#include <charconv>
#include <cstring>
#include <optional>

namespace sluice::mail {
namespace {

constexpr std::size_t largest_line = 4 << 20;     // in memory
constexpr std::size_t largest_answer = 64 << 20;  // all lines of a command: a million values
constexpr std::size_t deepest = 50;

[[noreturn]] void wrong() {
    throw failure(SLUICE_UNAVAILABLE, "the mail server sent something that is not IMAP");
}

// {123} at the end of a line: so many bytes follow.
std::optional<std::uint64_t> literal_size(std::string_view line) {
    if (!line.ends_with('}')) return std::nullopt;
    const std::size_t begin = line.rfind('{');
    if (begin == std::string_view::npos) return std::nullopt;
    std::uint64_t size = 0;
    const char* const first = line.data() + begin + 1;
    const char* const last = line.data() + line.size() - 1;
    const auto [end, problem] = std::from_chars(first, last, size);
    if (problem != std::errc() || end != last) return std::nullopt;
    return size;
}

class reader {
  public:
    reader(imap_stream& from, const literal_taker& take, std::size_t& kept)
        : from_(from), take_(take), answer_(kept), line_(from.read_line()) {
        lists_.emplace_back();
        keep(0);  // an empty line counts, too: they may come without end
    }

    std::vector<imap_value> read() {
        while (true) {
            skip_blanks();
            if (at_ == line_.size()) break;
            const char c = line_[at_];
            if (c == '(') {
                if (lists_.size() > deepest) wrong();
                ++at_;
                lists_.emplace_back();
            } else if (c == ')') {
                ++at_;
                close_list();
            } else if (c == '"') {
                read_quoted();
            } else if (c == '{' && literal_size(std::string_view(line_).substr(at_))) {
                read_literal(*literal_size(std::string_view(line_).substr(at_)));
            } else {
                read_atom();
            }
        }
        if (lists_.size() != 1) wrong();
        return std::move(lists_.front());
    }

  private:
    void skip_blanks() {
        while (at_ < line_.size() && line_[at_] == ' ')
            ++at_;
    }
    void keep(std::size_t text) {
        kept_ += text + sizeof(imap_value);
        answer_ += text + sizeof(imap_value);
        if (kept_ > largest_line || answer_ > largest_answer) {
            throw failure(SLUICE_INVALID_INPUT, "the mail server's answer is too large");
        }
    }
    void add(imap_value::kind_type kind, std::string text) {
        keep(text.size());
        lists_.back().push_back({kind, std::move(text), {}});
    }
    void close_list() {
        if (lists_.size() < 2) wrong();
        keep(0);
        imap_value list{imap_value::kind_type::list, {}, std::move(lists_.back())};
        lists_.pop_back();
        lists_.back().push_back(std::move(list));
    }
    void read_quoted() {
        std::string text;
        for (++at_; at_ < line_.size() && line_[at_] != '"'; ++at_) {
            if (line_[at_] == '\\' && at_ + 1 < line_.size()) ++at_;
            text.push_back(line_[at_]);
        }
        if (at_ == line_.size()) wrong();
        ++at_;
        add(imap_value::kind_type::string, std::move(text));
    }
    // Atoms may have brackets with blanks in them: BODY[HEADER.FIELDS (DATE)], [UIDNEXT 4].
    void read_atom() {
        const std::size_t begin = at_;
        int brackets = 0;
        for (; at_ < line_.size(); ++at_) {
            const char c = line_[at_];
            if (c == '[') ++brackets;
            if (c == ']' && brackets > 0) --brackets;
            if (brackets == 0 && (c == ' ' || c == ')' || c == '(')) break;
        }
        add(imap_value::kind_type::atom, line_.substr(begin, at_ - begin));
    }
    void read_literal(std::uint64_t size) {
        if (lists_.size() > 1 && take_ && take_(lists_.back(), size, from_)) {
            add(imap_value::kind_type::string, {});
        } else {
            if (size > largest_line) {
                throw failure(SLUICE_INVALID_INPUT, "the mail server's answer is too large");
            }
            std::string text;
            from_.read_bytes(size, [&](std::string_view piece) { text.append(piece); });
            add(imap_value::kind_type::string, std::move(text));
        }
        line_ = from_.read_line();
        at_ = 0;
    }

    imap_stream& from_;
    const literal_taker& take_;
    std::size_t& answer_;   // what the command's lines take
    std::size_t kept_ = 0;  // what this line takes
    std::string line_;
    std::size_t at_ = 0;
    std::vector<std::vector<imap_value>> lists_;
};

}  // namespace

bool imap_value::is(std::string_view atom) const {
    return kind == kind_type::atom && text.size() == atom.size() &&
           ::strncasecmp(text.data(), atom.data(), atom.size()) == 0;
}

std::uint64_t imap_value::number() const {
    std::uint64_t value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    return problem == std::errc() && end == text.data() + text.size() ? value : 0;
}

std::vector<imap_value> read_values(imap_stream& from, const literal_taker& take,
                                    std::size_t& kept) {
    return reader(from, take, kept).read();
}

}  // namespace sluice::mail
