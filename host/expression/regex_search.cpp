#include "expression/regex_search.hpp"

#include <algorithm>

#include "expression/unicode.hpp"

namespace sluice::expression {
namespace {

bool read_flags(meter& used, const json::value& flags, base::regex_options& options, bool& all) {
    if (flags.is_null()) return true;
    if (!flags.is_string()) return used.fail(describe(flags) + " is not a string");
    for (const char flag : flags.as_string()) {
        switch (flag) {
            case 'g':
                all = true;
                break;
            case 'i':
                options.ignore_case = true;
                break;
            case 'x':
                options.extended = true;
                break;
            case 'm':
                options.multi_line = true;
                break;
            case 's':
                options.single_line = true;
                break;
            case 'p':
                options.multi_line = options.single_line = true;
                break;
            case 'l':
                options.find_longest = true;
                break;
            case 'n':
                options.find_not_empty = true;
                break;
            default:
                return used.fail(flags.as_string() + " is not a valid modifier string");
        }
    }
    return true;
}

// Places in characters for places in bytes, cheap as long as those do not go back.
class character_counter {
  public:
    explicit character_counter(std::string_view text) : text_(text) {}
    std::size_t at(std::size_t byte) {
        if (byte < byte_) byte_ = count_ = 0;
        count_ += count_code_points(text_.substr(byte_, byte - byte_));
        byte_ = byte;
        return count_;
    }

  private:
    std::string_view text_;
    std::size_t byte_ = 0;
    std::size_t count_ = 0;
};

text_span to_span(const base::regex_match::group& group, std::string_view text,
                  character_counter& counter) {
    if (!group.matched) return {};
    return {true, counter.at(group.begin), count_code_points(text.substr(group.begin, group.size)),
            group.begin, group.size};
}

// A search pays for the steps back that it may take before it takes them: with few at first, then
// with more, so that it costs about what it needs.
bool search(meter& used, const base::regex& code, std::string_view text, std::size_t start,
            std::optional<base::regex_match>& out) {
    constexpr std::uint64_t fewest = 1'000;
    constexpr std::uint64_t most = 1'000'000;
    constexpr std::uint64_t per_step = 64;
    for (std::uint64_t limit = fewest;; limit *= 10) {
        if (!used.spend(1 + static_cast<std::int64_t>((limit - fewest) / per_step) +
                        static_cast<std::int64_t>((text.size() - start) / 256))) {
            return false;
        }
        auto found = code.search(text, start, limit);
        if (found) {
            out = std::move(*found);
            return true;
        }
        if (found.error_value().code != base::error_code::timeout || limit >= most) {
            return used.fail("Regex failure: " + found.error_value().message);
        }
    }
}

std::size_t next_character(std::string_view text, std::size_t at) {
    if (at < text.size())
        next_code_point(text, at);
    else
        ++at;
    return at;
}

}  // namespace

bool find_matches(meter& used, const json::value& in, const json::value& pattern,
                  const json::value& flags, search_for wanted, found_matches& out) {
    if (!in.is_string()) {
        return used.fail(describe(in) + " cannot be matched, as it is not a string");
    }
    if (!pattern.is_string()) return used.fail(describe(pattern) + " is not a string");
    base::regex_options options;
    bool all = false;
    if (!read_flags(used, flags, options, all)) return false;
    if (!used.work(pattern)) return false;
    const auto code = used.patterns().compile(
        pattern.as_string(), flags.is_null() ? std::string() : flags.as_string(), options);
    if (!code) return used.fail("Regex failure: " + code.error_value().message);

    const std::string& text = in.as_string();
    character_counter counter(text);
    for (std::size_t start = 0; start <= text.size();) {
        std::optional<base::regex_match> found;
        if (!search(used, **code, text, start, found)) return false;
        if (!found) break;
        const base::regex_match::group& whole = found->groups[0];
        if (!used.charge(found->groups.size() * sizeof(text_span) + sizeof(text_match))) {
            return false;
        }
        text_match match{to_span(whole, text, counter), {}};
        for (std::size_t i = 1; i < found->groups.size(); ++i)
            match.groups.push_back(to_span(found->groups[i], text, counter));
        out.matches.push_back(std::move(match));
        if (wanted == search_for::any || !all) break;
        const std::size_t end = whole.begin + whole.size;
        start = whole.size == 0 ? next_character(text, end) : end;
    }
    if (out.matches.empty()) return true;
    out.group_names.resize(out.matches.front().groups.size());
    for (const auto& [name, group] : (*code)->names()) {
        if (group > 0 && group <= out.group_names.size()) out.group_names[group - 1] = name;
    }
    return true;
}

}  // namespace sluice::expression
