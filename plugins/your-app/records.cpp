#include <algorithm>
#include <sluice/option.hpp>
#include <utility>

#include "api.hpp"
#include "your_app.hpp"

namespace your_app {

using sluice::required_array;
using sluice::required_object;
using sluice::required_string;
using sluice::url;

namespace {

constexpr std::size_t largest_upsert = 1000;  // the app's limits
constexpr std::int64_t largest_page = 500;
constexpr std::int64_t largest_list = 5000;
// An action's result has at most 16 MiB, and what a poll takes at once 8 MiB.
constexpr std::size_t enough_bytes = 6'000'000;

url collection_of(const api& app, const json& input) {
    return app.at(required_string(input, "collection"));
}

url record_of(const api& app, const json& input) {
    return collection_of(app, input).segment(required_string(input, "id"));
}

}  // namespace

task<json> connector::create_record(context& ctx, const json& input) {
    const api app(ctx);
    json record = required_object(input, "fields");
    if (!input["externalId"].is_null()) {
        record.set("externalId", required_string(input, "externalId"));
    }
    task<json> sent = app.write("POST", collection_of(app, input), record);
    const json created = co_await sent;
    id_of(created);
    co_return created;
}

task<json> connector::get_record(context& ctx, const json& input) {
    const api app(ctx);
    task<json> sent = app.get(record_of(app, input));
    const json found = co_await sent;
    id_of(found);
    co_return found;
}

task<json> connector::update_record(context& ctx, const json& input) {
    const api app(ctx);
    task<json> sent = app.write("PATCH", record_of(app, input), required_object(input, "fields"));
    const json updated = co_await sent;
    id_of(updated);
    co_return updated;
}

// Any number of records, in as many requests as the app needs.
task<json> connector::upsert_records(context& ctx, const json& input) {
    const api app(ctx);
    const url address = collection_of(app, input).path("/upsert");
    const json::array_type& records = required_array(input, "records").items();
    json::array_type results;
    std::int64_t created = 0;
    std::int64_t updated = 0;
    std::int64_t unchanged = 0;
    for (std::size_t begin = 0; begin < records.size(); begin += largest_upsert) {
        const std::size_t end = std::min(begin + largest_upsert, records.size());
        const auto at = [&](std::size_t i) { return records.begin() + static_cast<long>(i); };
        const json body{{"records", json::array({at(begin), at(end)})}};
        task<json> sent = app.write("POST", address, body, begin / largest_upsert);
        const json answer = co_await sent;
        for (const json& result : listed(answer, "results").items())
            results.push_back(result);
        created += answer.get_or("created", 0);
        updated += answer.get_or("updated", 0);
        unchanged += answer.get_or("unchanged", 0);
    }
    co_return json{{"results", json::array(std::move(results))},
                   {"created", created},
                   {"updated", updated},
                   {"unchanged", unchanged}};
}

// Up to `limit` records, over as many of the app's pages as that takes.
task<json> connector::list_records(context& ctx, const json& input) {
    const api app(ctx);
    const std::int64_t limit = sluice::int_option(input, "limit", 100, 1, largest_list);
    std::string cursor = sluice::string_option(input, "cursor", "");
    json::array_type records;
    std::size_t bytes = 0;
    do {
        const std::int64_t missing = limit - static_cast<std::int64_t>(records.size());
        url address = collection_of(app, input).query("limit", std::min(missing, largest_page));
        for (const char* filter : {"externalId", "updatedSince"}) {
            if (!input[filter].is_null()) address.query(filter, required_string(input, filter));
        }
        if (!cursor.empty()) address.query("cursor", cursor);
        task<json> fetched = app.get(address);
        const json page = co_await fetched;
        const json::array_type& found = listed(page, "records").items();
        std::size_t page_bytes = 0;
        for (const json& record : found)
            page_bytes += record.dump().size();
        // Together too much: the next call asks for this page again, and gives it.
        if (!records.empty() && bytes + page_bytes > enough_bytes) break;
        bytes += page_bytes;
        records.insert(records.end(), found.begin(), found.end());
        cursor = found.empty() ? "" : page.get_or("nextCursor", "");
    } while (!cursor.empty() && bytes < enough_bytes &&
             static_cast<std::int64_t>(records.size()) < limit);
    co_return json{{"items", json::array(std::move(records))},
                   {"cursor", cursor.empty() ? json() : json(cursor)},
                   {"more", !cursor.empty()}};
}

}  // namespace your_app
