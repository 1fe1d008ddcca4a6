// Lists of which GitHub knows no `since`: what was not there at the last look. The cursor holds the
// ids of the last look and its ETag.
#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <utility>

#include "api.hpp"
#include "github.hpp"
#include "pages.hpp"
#include "poll_cursor.hpp"

namespace sluice::github {
namespace {

constexpr std::size_t most_seen = 1000;

struct list_kind {
    const char* path;
    int most_pages;     // of 100
    bool newest_first;  // what follows what was seen was seen, too
};

constexpr list_kind events{"/events", 3, true};  // GitHub shows no more
// Listed by the times of their tags' commits: one that is published late turns up anywhere.
constexpr list_kind releases{"/releases", 10, false};

using wanted = std::function<bool(const json&)>;

std::string id_of(const json& item) {
    return item["id"].is_string() ? item["id"].as_string() : item["id"].number_text();
}

bool has_id(const json& item) { return item["id"].is_string() || item["id"].is_number(); }

// Everything that may be new.
struct latest {
    json::array_type items;  // the newest first
    std::string etag;
    bool changed = true;
};

task<latest> look(const api& github, list_kind kind, std::string address, std::string etag,
                  std::set<std::string> seen) {
    latest found;
    std::string next = address + "?per_page=100";
    for (int i = 0; i < kind.most_pages; ++i) {
        task<http_response> asked = github.get_if_changed(next, i == 0 ? etag : std::string());
        const http_response response = co_await asked;
        if (response.status == 304) {
            found.changed = false;
            co_return found;
        }
        if (i == 0) {
            found.etag = response.header("ETag");
        }
        const json page = response.json();
        if (!page.is_array()) throw failure(SLUICE_UNAVAILABLE, "GitHub answered no list");
        bool reached = false;
        for (const json& item : page.items()) {
            if (!has_id(item)) throw failure(SLUICE_UNAVAILABLE, "GitHub listed what has no id");
            reached = reached || seen.contains(id_of(item));
            found.items.push_back(item);
        }
        const auto query = next_query(response.header("Link"));
        if ((kind.newest_first && reached) || !query) break;
        // The first page's ETag says nothing of what is new on this one.
        if (!kind.newest_first) found.etag.clear();
        next = address + "?" + *query;
    }
    co_return found;
}

task<json> list_news(const api& github, list_kind kind, json input, wanted keep) {
    const json read = read_poll_cursor(input);
    const bool gives = !read.is_null() || starts_with_existing(input);
    const std::set<std::string> seen = texts_of(read["seen"]);
    const url address = github.repository(input).path(kind.path);
    task<latest> looking = look(github, kind, address, read.get_or("etag", ""), seen);
    const latest found = co_await looking;
    if (!found.changed) {
        co_return json{{"items", json::array()}, {"cursor", input["cursor"]}, {"more", false}};
    }
    json::array_type items;
    json::array_type now_seen;
    for (const json& item : found.items) {
        if (!keep(item)) continue;
        now_seen.emplace_back(id_of(item));
        if (gives && !seen.contains(id_of(item))) items.push_back(item);
    }
    const std::set<std::string> again = texts_of(json::array(now_seen));
    for (const json& id : read["seen"].items()) {
        if (now_seen.size() >= most_seen) break;
        if (id.is_string() && !again.contains(id.as_string())) now_seen.push_back(id);
    }
    std::reverse(items.begin(), items.end());
    const json cursor{{"etag", found.etag}, {"seen", json::array(std::move(now_seen))}};
    co_return json{
        {"items", json::array(std::move(items))}, {"cursor", poll_text(cursor)}, {"more", false}};
}

}  // namespace

task<json> connector::list_events(context& ctx, const json& input) {
    const api github(ctx, tokens_);
    const std::set<std::string> types = texts_of(input["types"]);
    const bool all = input["types"].is_null();
    wanted keep = [&types, all](const json& event) {
        return all || types.contains(event.get_or("type", ""));
    };
    task<json> news = list_news(github, events, input, std::move(keep));
    co_return co_await news;
}

task<json> connector::list_new_releases(context& ctx, const json& input) {
    const api github(ctx, tokens_);
    const bool with_previews = input.get_or("includePrereleases", true);
    // A draft becomes news when it is published.
    wanted keep = [with_previews](const json& release) {
        return !release.get_or("draft", false) &&
               (with_previews || !release.get_or("prerelease", false));
    };
    task<json> news = list_news(github, releases, input, std::move(keep));
    co_return co_await news;
}

}  // namespace sluice::github
