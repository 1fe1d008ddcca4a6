// Issues that have changed, oldest change first, for polling. The cursor is the time of the last
// change seen, the versions of that second that were given already, and the ETag of the list from
// there on: while nothing changes, GitHub answers 304, which costs nothing of the rate limit.
#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "api.hpp"
#include "github.hpp"
#include "poll_cursor.hpp"

namespace sluice::github {
namespace {

constexpr std::size_t page_size = 100;
constexpr std::size_t most_seen = 2000;  // about 50 KiB of cursor

struct issue_cursor {
    std::string since;  // empty: from the beginning
    std::int64_t page = 1;
    std::string etag;
    std::set<std::string> seen;

    explicit issue_cursor(const json& read)
        : since(read.get_or("since", "")),
          page(std::max<std::int64_t>(read.get_or("page", 1), 1)),
          etag(read.get_or("etag", "")),
          seen(texts_of(read["seen"])) {}

    json text() const {
        json::array_type list;
        for (const std::string& one : seen) {
            if (list.size() == most_seen) break;
            list.emplace_back(one);
        }
        return poll_text(json{{"since", since},
                              {"page", page},
                              {"etag", etag},
                              {"seen", json::array(std::move(list))}});
    }

    // The last page that was looked at ends here.
    void move_behind(const json::array_type& issues) {
        if (issues.empty()) return;
        const std::string last = issues.back().get_or("updated_at", "");
        if (last != since) {
            since = last;
            page = 1;
            etag.clear();  // it was that of another address
            seen.clear();
        } else if (issues.size() >= page_size) {
            ++page;  // more than a page of one second
            etag.clear();
        }
        for (const json& issue : issues) {
            if (issue["updated_at"] == json(since)) seen.insert(version_of(issue));
        }
    }
};

url list_of(const api& github, const json& input, const char* direction) {
    url list = github.repository(input).path("/issues");
    list.query("state", "all").query("sort", "updated").query("direction", direction);
    list.query("per_page", static_cast<std::int64_t>(page_size));
    add_filters(list, input, {"labels", "creator", "assignee"});
    return list;
}

const json::array_type& issues_of(const json& page) {
    if (!page.is_array()) {
        throw failure(SLUICE_UNAVAILABLE, std::string("GitHub answered a list with ") +
                                              page.kind_name() + " instead of an array");
    }
    return page.items();
}

// The place behind everything that is there.
task<json> begin_now(const api& github, json input) {
    task<http_response> asked = github.get(list_of(github, input, "desc"));
    const http_response response = co_await asked;
    const json page = response.json();
    const json::array_type& newest = issues_of(page);
    issue_cursor cursor{json()};
    if (!newest.empty()) cursor.since = newest.front().get_or("updated_at", "");
    for (const json& issue : newest) {
        if (issue["updated_at"] == json(cursor.since)) cursor.seen.insert(version_of(issue));
    }
    co_return json{{"items", json::array()}, {"cursor", cursor.text()}, {"more", false}};
}

}  // namespace

task<json> connector::list_issue_changes(context& ctx, const json& input) {
    const api github(ctx, tokens_);
    const json read = read_poll_cursor(input);
    if (read.is_null() && !starts_with_existing(input)) {
        task<json> begun = begin_now(github, input);
        co_return co_await begun;
    }
    issue_cursor cursor(read);
    url list = list_of(github, input, "asc");
    if (!cursor.since.empty()) list.query("since", cursor.since);
    if (cursor.page > 1) list.query("page", cursor.page);
    task<http_response> asked = github.get_if_changed(list, cursor.etag);
    const http_response response = co_await asked;
    json::array_type items;
    if (response.status == 304) {
        co_return json{
            {"items", json::array(std::move(items))}, {"cursor", cursor.text()}, {"more", false}};
    }
    const json page = response.json();
    const json::array_type& issues = issues_of(page);
    const bool with_pulls = input.get_or("includePullRequests", false);
    for (const json& issue : issues) {
        if (cursor.seen.contains(version_of(issue))) continue;
        if (with_pulls || !issue.contains("pull_request")) items.push_back(issue);
    }
    cursor.etag = response.header("ETag");
    cursor.move_behind(issues);
    co_return json{{"items", json::array(std::move(items))},
                   {"cursor", cursor.text()},
                   {"more", issues.size() >= page_size}};
}

}  // namespace sluice::github
