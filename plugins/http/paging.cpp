#include "paging.hpp"

#include <algorithm>
#include <sluice/encoding.hpp>
#include <sluice/option.hpp>
#include <utility>

#include "body.hpp"
#include "reply.hpp"
#include "text.hpp"

namespace sluice::http {
namespace {

[[noreturn]] void refuse(const std::string& what) { throw failure(SLUICE_INVALID_INPUT, what); }

std::int64_t whole_or(const json& input, const char* key, std::int64_t usual, std::int64_t least) {
    if (input[key].is_null()) return usual;
    const std::int64_t number = required_int(input, key);
    if (number < least) refuse(std::string("'") + key + "' is too small");
    return number;
}

std::string_view trimmed(std::string_view text) {
    while (text.starts_with(' ') || text.starts_with('\t'))
        text.remove_prefix(1);
    while (text.ends_with(' ') || text.ends_with('\t'))
        text.remove_suffix(1);
    return text;
}

// Where a character stands that is in no quoted text (RFC 8288, RFC 9110); the size when nowhere.
std::size_t find_unquoted(std::string_view text, char wanted) {
    bool quoted = false;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '"') quoted = !quoted;
        if (!quoted && text[at] == wanted) return at;
        if (quoted && text[at] == '\\') ++at;
    }
    return text.size();
}

// Takes what stands before the separator off the text.
std::string_view take_until(std::string_view& text, char separator) {
    const std::size_t end = find_unquoted(text, separator);
    const std::string_view taken = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return taken;
}

// Whether one of the parameters behind a link is rel=next; several words may stand in it.
bool is_next(std::string_view parameters) {
    while (!parameters.empty()) {
        const std::string_view one = trimmed(take_until(parameters, ';'));
        if (one.size() < 4 || !same_name(one.substr(0, 4), "rel=")) continue;
        std::string words = " " + lower_ascii(one.substr(4)) + " ";
        std::ranges::replace(words, '"', ' ');
        if (words.find(" next ") != words.npos) return true;
    }
    return false;
}

}  // namespace

std::optional<std::string> next_link(std::string_view header) {
    while (true) {
        const std::size_t open = header.find('<');
        const std::size_t close = header.find('>', std::min(open, header.size()));
        if (open == header.npos || close == header.npos) return std::nullopt;
        const std::string_view target = header.substr(open + 1, close - open - 1);
        header.remove_prefix(close + 1);
        if (is_next(take_until(header, ','))) return std::string(target);
    }
}

paging::paging(const json& input)
    : items_(input.get_or("items", "")),
      next_cursor_(input.get_or("nextCursor", "")),
      more_(input.get_or("hasMore", "")),
      size_parameter_(input.get_or("sizeParameter", "")),
      size_(whole_or(input, "pageSize", 0, 1)) {
    const std::string by = input.get_or("by", "link");
    std::string usual;
    if (by == "cursor") {
        by_ = way::cursor;
        usual = "cursor";
        if (next_cursor_.empty()) refuse("by: cursor needs 'nextCursor', where it stands");
    } else if (by == "page") {
        by_ = way::page;
        usual = "page";
        first_ = whole_or(input, "firstPage", 1, 0);
    } else if (by == "offset") {
        by_ = way::offset;
        usual = "offset";
    } else if (by == "none") {
        by_ = way::none;
    } else if (by != "link") {
        refuse("'by' must be link, cursor, page, offset or none");
    }
    parameter_ = input.get_or("parameter", usual);
    if (!size_parameter_.empty() && size_ == 0) refuse("'sizeParameter' needs 'pageSize'");
    short_page_ends_ = bool_option(input, "shortPageEnds", false);
    if (short_page_ends_ && size_ == 0) refuse("'shortPageEnds' needs 'pageSize'");
    const std::string where = input.get_or("parametersIn", "query");
    if (where != "query" && where != "body") refuse("'parametersIn' must be query or body");
    in_body_ = where == "body";
    if (in_body_ && !input["json"].is_object()) {
        refuse("parametersIn: body needs 'json', an object");
    }
}

void paging::add_parameters(json& input, const json& position) const {
    json& into = input.member_for_write(in_body_ ? "json" : "query");
    if (into.is_null()) into = json::object();
    if (!into.is_object()) refuse("'query' must be an object");
    if (!size_parameter_.empty()) into.set(size_parameter_, size_);
    if (by_ == way::page || by_ == way::offset) {
        into.set(parameter_, position.is_null() ? json(first_) : position);
    } else if (by_ == way::cursor && !position.is_null()) {
        into.set(parameter_, position);
    }
}

draft paging::request(const client& api, const json& input, const json& position) const {
    if (by_ == way::link && !position.is_null()) {
        // The whole address, with its query; below the connection's, as whoever gives the cursor
        // might have changed it.
        const std::string first = api.base().of(input);
        if (!position.is_string()) refuse("'cursor' is none that listPages has given");
        const std::string at = api.base().of_reference(position.as_string(), first);
        draft asked = api.prepare_at(input, "GET", at);
        set_body(asked, api.call(), input);
        return asked;
    }
    json with = input;
    add_parameters(with, position);
    draft asked = api.prepare(with, "GET");
    set_body(asked, api.call(), with);
    return asked;
}

json paging::items(const json& body) const {
    const json& found = at_path(body, items_);
    if (found.is_null()) return json::array();
    if (found.is_array()) return found;
    refuse("at 'items' the answer has no list, but " + std::string(found.kind_name()));
}

json paging::next_number(const json& position, std::size_t count) const {
    const bool is_short = size_ > 0 && static_cast<std::int64_t>(count) < size_;
    if (count == 0 || (short_page_ends_ && is_short)) return {};
    const std::int64_t here = position.is_int64() ? position.as_int64() : first_;
    return by_ == way::page ? here + 1 : here + static_cast<std::int64_t>(count);
}

bool paging::says_more(const json& body) const {
    return more_.empty() || at_path(body, more_) == json(true);
}

json paging::next(const client& api, const draft& asked, const json& position,
                  const http_response& response, const json& body) const {
    const bool more = says_more(body);
    if (!more && by_ != way::cursor) return {};
    json found;
    if (by_ == way::link) {
        const auto link = next_link(headers_of(response).get_or("link", ""));
        if (link) found = api.without_credentials(api.base().of_reference(*link, asked.url));
    } else if (by_ == way::cursor) {
        found = at_path(body, next_cursor_);
        if (found.is_string() && found.empty()) found = json();
        if (!found.is_null() && !found.is_string() && !found.is_number()) {
            refuse("at 'nextCursor' the answer has neither a text nor a number");
        }
    } else if (by_ != way::none) {
        found = next_number(position, items(body).size());
    }
    if (more && !found.is_null() && found == position) {
        throw failure(SLUICE_UNAVAILABLE, "the server's next page is the one that it just gave");
    }
    return found;
}

}  // namespace sluice::http
