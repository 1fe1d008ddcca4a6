// Text to values: RapidJSON's SAX reader (iterative, in place) and a handler that builds values and
// adds what RapidJSON does not refuse.
#include <rapidjson/reader.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

#include "base/encoding.hpp"
#include "json/key_index.hpp"
#include "json/number.hpp"
#include "json/parse_message.hpp"
#include "json/text.hpp"

namespace sluice::json {

namespace {

// The characters at `at` that can belong to one number.
std::string_view number_run(std::string_view text, std::size_t at) {
    const std::size_t end = std::min(text.find_first_not_of("+-.0123456789eE", at), text.size());
    return text.substr(at, end - at);
}

// What one container has collected so far starts at these places of the builder's stacks.
struct open_container {
    std::size_t first_value;
    std::size_t first_key;
    std::unique_ptr<key_index> keys;  // only for large objects
};

class value_builder {
  public:
    // `original` is the text as it came, `scratch` the copy that RapidJSON reads and overwrites.
    value_builder(std::string_view original, const char* scratch, const parse_limits& limits)
        : original_(original),
          scratch_(scratch),
          limits_(limits),
          has_unicode_escapes_(original.find("\\u") != std::string_view::npos) {
        constexpr std::size_t usual = 32;
        values_.reserve(usual);
        keys_.reserve(usual);
    }

    value take() { return std::move(values_.back()); }
    // Set when a function below returned false.
    const std::string& problem() const { return problem_; }
    // Where it is, or npos when the reader knows.
    std::size_t problem_offset() const { return problem_offset_; }

    bool Null() { return add(value()); }
    bool Bool(bool flag) { return add(flag); }
    bool RawNumber(const char* text, rapidjson::SizeType length, bool) {
        const std::string_view from_here = original_.substr(offset_of(text));
        const std::string_view all = number_run(from_here, 0);
        // The reader may have been shown a stand-in (hide_large_numbers).
        const bool stand_in = length != all.size() && is_number_text(all);
        return add(value::number(stand_in ? all : from_here.substr(0, length)));
    }
    bool String(const char* text, rapidjson::SizeType length, bool) {
        return check_escapes(text, length) && add(std::string(text, length));
    }
    bool StartObject() { return open(); }
    bool Key(const char* text, rapidjson::SizeType length, bool) {
        const std::string_view key(text, length);
        if (!check_escapes(text, length)) return false;
        if (!add_to_index(key)) {
            return refuse("the key \"" + std::string(key) + "\" appears twice in one object",
                          offset_of(text) - 1);
        }
        keys_.emplace_back(key);
        return true;
    }
    bool EndObject(rapidjson::SizeType count) {
        std::vector<member> members;
        members.reserve(count);
        const std::size_t key = open_.back().first_key;
        const std::size_t item = open_.back().first_value;
        for (std::size_t i = 0; i < count; ++i) {
            members.emplace_back(std::move(keys_[key + i]), std::move(values_[item + i]));
        }
        keys_.resize(key);
        value made;
        made.members_for_write() = std::move(members);
        return close(std::move(made));
    }
    bool StartArray() { return open(); }
    bool EndArray(rapidjson::SizeType) {
        const auto first = values_.begin() + static_cast<std::ptrdiff_t>(open_.back().first_value);
        std::vector<value> items(std::make_move_iterator(first),
                                 std::make_move_iterator(values_.end()));
        return close(value::array(std::move(items)));
    }
    // Not called: numbers come as text.
    bool Int(int) { return false; }
    bool Uint(unsigned) { return false; }
    bool Int64(std::int64_t) { return false; }
    bool Uint64(std::uint64_t) { return false; }
    bool Double(double) { return false; }

  private:
    std::size_t offset_of(const char* text) const {
        return static_cast<std::size_t>(text - scratch_);
    }
    bool add(value content) {
        values_.push_back(std::move(content));
        return true;
    }
    bool open() {
        if (open_.size() == limits_.depth) {
            return refuse("nested deeper than " + std::to_string(limits_.depth) + " levels",
                          std::string_view::npos);
        }
        open_.push_back({values_.size(), keys_.size(), nullptr});
        return true;
    }
    bool close(value made) {
        values_.resize(open_.back().first_value);
        open_.pop_back();
        return add(std::move(made));
    }
    // False when the open object has the key already.
    bool add_to_index(std::string_view key) {
        open_container& object = open_.back();
        const std::size_t first = object.first_key;
        const std::size_t count = keys_.size() - first;
        if (count < key_index::worthwhile_above) {
            const auto begin = keys_.begin() + static_cast<std::ptrdiff_t>(first);
            return std::find(begin, keys_.end(), key) == keys_.end();
        }
        if (!object.keys) {
            object.keys = std::make_unique<key_index>(count);
            for (std::size_t i = 0; i < count; ++i)
                object.keys->insert(keys_[first + i], i);
        }
        const auto key_at = [this, first](std::size_t i) -> std::string_view {
            return keys_[first + i];
        };
        if (object.keys->find(key, key_at) != key_index::nowhere) return false;
        object.keys->insert(key, count);
        return true;
    }
    // The text itself is valid UTF-8, but an escape can still name half of a surrogate pair.
    bool check_escapes(const char* text, std::size_t length) {
        if (!has_unicode_escapes_ || base::is_valid_utf8({text, length})) return true;
        return refuse("a \\u escape names half of a surrogate pair", offset_of(text) - 1);
    }
    bool refuse(std::string problem, std::size_t offset) {
        problem_ = std::move(problem);
        problem_offset_ = offset;
        return false;
    }

    std::string_view original_;
    const char* scratch_;
    const parse_limits& limits_;
    bool has_unicode_escapes_;
    std::vector<value> values_;
    std::vector<std::string> keys_;
    std::vector<open_container> open_;
    std::string problem_;
    std::size_t problem_offset_ = std::string_view::npos;
};

// RapidJSON refuses numbers beyond the range of double even when asked for their text. Puts "0" and
// spaces in the place of every long or exponential number; the builder reads the original.
void hide_large_numbers(std::string& scratch, std::size_t size) {
    constexpr std::size_t always_in_range = 300;
    bool in_string = false;
    for (std::size_t at = 0; at < size; ++at) {
        const char c = scratch[at];
        if (in_string) {
            if (c == '\\') ++at;
            if (c == '"') in_string = false;
            continue;
        }
        in_string = c == '"';
        if (c != '-' && (c < '0' || c > '9')) continue;
        const std::size_t length = number_run(std::string_view(scratch).substr(0, size), at).size();
        const std::string_view number = std::string_view(scratch).substr(at, length);
        if (is_number_text(number) &&
            (length > always_in_range || number.find_first_of("eE") != std::string_view::npos)) {
            scratch.replace(at, length, "0" + std::string(length - 1, ' '));
        }
        at += length - 1;
    }
}

// Room for the reader to look ahead in whole blocks.
std::string make_scratch(std::string_view text) {
    std::string scratch;
    scratch.reserve(text.size() + 16);
    scratch.append(text);
    scratch.append(16, '\0');
    return scratch;
}

}  // namespace

base::result<value> parse(std::string_view text, const parse_limits& limits) {
    if (text.size() > limits.bytes) {
        return base::make_error(
            base::error_code::invalid_input,
            "the JSON text is larger than " + std::to_string(limits.bytes) + " bytes");
    }
    if (const std::size_t valid = base::valid_utf8_length(text); valid < text.size()) {
        return parse_error(text, valid, "not valid UTF-8");
    }
    // RapidJSON would take it for the end.
    if (const std::size_t zero = text.find('\0'); zero != std::string_view::npos) {
        return parse_error(text, zero, "a zero byte");
    }

    std::string scratch = make_scratch(text);
    for (const bool hidden : {false, true}) {
        if (hidden) {
            scratch = make_scratch(text);
            hide_large_numbers(scratch, text.size());
        }
        rapidjson::InsituStringStream stream(scratch.data());
        value_builder builder(text, scratch.data(), limits);
        rapidjson::Reader reader;
        constexpr unsigned flags = rapidjson::kParseInsituFlag | rapidjson::kParseIterativeFlag |
                                   rapidjson::kParseNumbersAsStringsFlag;
        const rapidjson::ParseResult outcome = reader.Parse<flags>(stream, builder);
        if (!outcome.IsError()) return builder.take();
        if (!hidden && outcome.Code() == rapidjson::kParseErrorNumberTooBig) continue;
        if (builder.problem().empty()) {
            return parse_error(text, outcome.Offset(), describe(outcome.Code()));
        }
        return parse_error(text, std::min(builder.problem_offset(), outcome.Offset()),
                           builder.problem());
    }
    return base::make_error(base::error_code::internal, "a JSON number could not be read");
}

}  // namespace sluice::json
