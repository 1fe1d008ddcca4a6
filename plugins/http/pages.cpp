#include <utility>

#include "http.hpp"
#include "paging.hpp"

namespace sluice::http {
namespace {

constexpr std::int64_t usual_limit = 1'000;
constexpr std::int64_t largest_limit = 10'000;
// An action's result has at most 16 MiB, and what a poll takes at once 8 MiB.
constexpr std::size_t enough_bytes = 6'000'000;
constexpr int most_requests = 100;  // of one call: pages may be empty

std::size_t limit_of(const json& input) {
    const std::int64_t limit =
        input["limit"].is_null() ? usual_limit : required_int(input, "limit");
    if (limit < 1 || limit > largest_limit) {
        throw failure(SLUICE_INVALID_INPUT, "'limit' must be 1 to 10000");
    }
    return static_cast<std::size_t>(limit);
}

// Where a list goes on: the position of a page, and how many of its items were given already.
struct place {
    json page;
    std::size_t skip = 0;

    std::string text() const {
        return json{{"page", page}, {"skip", static_cast<std::int64_t>(skip)}}.dump();
    }
    static place of(const json& input) {
        if (input["cursor"].is_null()) return {};
        json read;
        try {
            read = json::parse(required_string(input, "cursor"));
        } catch (const json_error&) {
        }
        const std::int64_t skip = read.get_or("skip", std::int64_t{-1});
        const json& page = read["page"];
        if (skip < 0 || !(page.is_null() || page.is_string() || page.is_number())) {
            throw failure(SLUICE_INVALID_INPUT, "'cursor' is none that listPages has given");
        }
        return {page, static_cast<std::size_t>(skip)};
    }
};

}  // namespace

task<json> connector::list_pages(context& call, const json& input) {
    const client api(call);
    const paging how(input);
    const std::size_t limit = limit_of(input);
    place at = place::of(input);
    json::array_type taken;
    std::size_t bytes = 0;
    bool more = true;
    for (int requests = 0; more && requests < most_requests && bytes < enough_bytes; ++requests) {
        draft asked = how.request(api, input, at.page);
        task<http_response> sent = api.send(asked);
        const http_response response = co_await sent;
        if (!response.ok()) throw api.refusal(response);
        const json body = response.body.empty() ? json() : response.json();
        // Together too much: the next call asks for this page again, and gives it.
        if (!taken.empty() && bytes + response.body.size() > enough_bytes) break;
        bytes += response.body.size();
        const json items = how.items(body);
        std::size_t used = at.skip;
        for (; used < items.size() && taken.size() < limit; ++used)
            taken.push_back(items[used]);
        if (used < items.size()) {
            at.skip = used;
            break;
        }
        at = place{how.next(api, asked, at.page, response, body), 0};
        more = !at.page.is_null() && how.says_more(body);
        if (taken.size() == limit) break;
    }
    co_return json{{"items", json::array(std::move(taken))},
                   {"cursor", more || !at.page.is_null() ? json(at.text()) : json()},
                   {"more", more}};
}

}  // namespace sluice::http
