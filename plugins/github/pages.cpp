#include "pages.hpp"

#include <algorithm>
#include <utility>

namespace sluice::github {
namespace {

constexpr std::int64_t largest_page = 100;  // GitHub's own
constexpr std::int64_t largest_limit = 1000;
// An action's result has at most 16 MiB; a run stops early enough.
constexpr std::size_t enough_bytes = std::size_t{6} * 1024 * 1024;

std::int64_t limit_of(const json& input, std::int64_t default_limit) {
    if (input["limit"].is_null()) return default_limit;
    const std::int64_t limit = required_int(input, "limit");
    if (limit < 1 || limit > largest_limit) {
        throw failure(SLUICE_INVALID_INPUT,
                      "'limit' must be 1 to 1000, it is " + std::to_string(limit));
    }
    return limit;
}

// Pages of equal size that together do not exceed the limit.
std::int64_t page_size(std::int64_t limit) {
    const std::int64_t count = (limit + largest_page - 1) / largest_page;
    return limit / count;
}

// A cursor is the query of a page's address, as GitHub wrote it.
std::string checked_cursor(const std::string& cursor) {
    const bool is_query = std::all_of(cursor.begin(), cursor.end(), [](char c) {
        return c > ' ' && c < '\x7F' && c != '#' && c != '?' && c != '\\' && c != '"';
    });
    if (!is_query || cursor.size() > 4096) {
        throw failure(SLUICE_INVALID_INPUT, "'cursor' is not the nextCursor of an earlier list");
    }
    return cursor;
}

std::string_view trim(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t");
    if (first == text.npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool says_next(std::string_view parameters) {
    while (!parameters.empty()) {
        const std::size_t end = std::min(parameters.find(';'), parameters.size());
        const std::string_view one = trim(parameters.substr(0, end));
        if (one == "rel=\"next\"" || one == "rel=next") return true;
        parameters.remove_prefix(std::min(end + 1, parameters.size()));
    }
    return false;
}

}  // namespace

std::optional<std::string> next_query(std::string_view link_header) {
    // <address>; rel="next", <address>; rel="last" - a comma inside < > belongs to the address
    while (true) {
        const std::size_t open = link_header.find('<');
        if (open == link_header.npos) return std::nullopt;
        const std::size_t close = link_header.find('>', open);
        if (close == link_header.npos) return std::nullopt;
        const std::string_view address = link_header.substr(open + 1, close - open - 1);
        const std::string_view rest = link_header.substr(close + 1);
        const std::size_t end = std::min(rest.find(','), rest.size());
        const std::size_t question = address.find('?');
        if (says_next(rest.substr(0, end)) && question != address.npos) {
            return std::string(address.substr(question + 1));
        }
        link_header = rest.substr(end);
    }
}

pages::pages(const api& source, const url& first, const json& input, std::int64_t default_limit,
             std::string member)
    : source_(source),
      limit_(static_cast<std::size_t>(limit_of(input, default_limit))),
      member_(std::move(member)) {
    url sized = first;
    sized.query("per_page", page_size(static_cast<std::int64_t>(limit_)));
    const std::string& address = sized.text();
    const std::size_t question = address.find('?');
    list_ = address.substr(0, question);
    next_ = input["cursor"].is_null() ? address.substr(question + 1)
                                      : checked_cursor(required_string(input, "cursor"));
}

task<json> pages::next() {
    const std::string query = *next_;
    task<http_response> asked = source_.get(list_ + "?" + query);
    const http_response response = co_await asked;
    json page = response.json();
    if (!member_.empty()) {
        answer_ = std::move(page);
        page = answer_[member_];
        answer_.erase(member_);
        if (const json* gave_up = answer_.find("incomplete_results")) {
            incomplete_ = incomplete_.value_or(false) || *gave_up == json(true);
        }
    }
    if (!page.is_array()) {
        throw failure(SLUICE_UNAVAILABLE, std::string("GitHub answered a list with ") +
                                              page.kind_name() + " instead of an array")
            .http_status(response.status);
    }
    last_page_ = page.size();
    taken_ += last_page_;
    bytes_ += response.body.size();
    next_ = next_query(response.header("Link"));
    // A page that is empty or leads to itself would go on for ever.
    if (page.empty() || next_ == query) next_.reset();
    co_return page;
}

bool pages::more() const {
    if (!next_) return false;
    return taken_ == 0 || (taken_ + last_page_ <= limit_ && bytes_ < enough_bytes);
}

json pages::cursor() const { return next_ ? json(*next_) : json(); }

namespace {

using wanted = std::function<bool(const json&)>;

// Moves to the end of the list, or to its limit.
task<json::array_type> collect_all(pages& list, wanted keep) {
    json::array_type items;
    while (list.more()) {
        task<json> fetched = list.next();
        const json page = co_await fetched;
        for (const json& item : page.items()) {
            if (!keep || keep(item)) items.push_back(item);
        }
    }
    co_return items;
}

}  // namespace

task<json> collect(pages list, std::string_view name, wanted keep) {
    const std::string list_name(name);
    task<json::array_type> collecting = collect_all(list, std::move(keep));
    json::array_type items = co_await collecting;
    co_return json{{list_name, json::array(std::move(items))}, {"nextCursor", list.cursor()}};
}

task<json> collect_items(pages list, wanted keep) {
    task<json::array_type> collecting = collect_all(list, std::move(keep));
    json::array_type items = co_await collecting;
    const json cursor = list.cursor();
    json found{
        {"items", json::array(std::move(items))}, {"cursor", cursor}, {"more", !cursor.is_null()}};
    if (const json* total = list.last_answer().find("total_count")) found.set("total", *total);
    if (list.incomplete()) found.set("incomplete", *list.incomplete());
    co_return found;
}

}  // namespace sluice::github
