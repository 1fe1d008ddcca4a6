#include <algorithm>

#include "api.hpp"
#include "salesforce.hpp"
#include "soql.hpp"

namespace sluice::salesforce {
namespace {

constexpr std::int64_t smallest_page = 200;  // Salesforce's own bounds
constexpr std::int64_t largest_page = 2000;
constexpr std::int64_t largest_limit = 10'000;
// An action's result has at most 16 MiB; a run stops early enough.
constexpr std::size_t enough_bytes = std::size_t{6} * 1024 * 1024;

// Pages of equal size that together do not exceed the limit.
std::int64_t page_size(std::int64_t limit) {
    return limit / ((limit + largest_page - 1) / largest_page);
}

// A cursor is what stands behind the version in nextRecordsUrl: "query/01gRO0000016PIAYA2-2000".
bool is_cursor(std::string_view text) {
    if (!text.starts_with("query/") && !text.starts_with("queryAll/")) return false;
    text.remove_prefix(text.find('/') + 1);
    return !text.empty() && text.size() <= 200 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_';
    });
}

std::string first_address(const api& salesforce, const json& input) {
    const std::string query = bound_query(input);
    if (!input["cursor"].is_null()) {
        const std::string& cursor = required_string(input, "cursor");
        if (!is_cursor(cursor)) {
            throw failure(SLUICE_INVALID_INPUT, "'cursor' is not the cursor of an earlier query");
        }
        return salesforce.data("/" + cursor);
    }
    const bool deleted_too = input.get_or("includeDeleted", false);
    return salesforce.data(deleted_too ? "/queryAll" : "/query").query("q", query);
}

// Null at the end. Only the path is taken: the token never goes where an answer says.
json next_cursor(const json& page) {
    if (page.get_or("done", true) || !page["nextRecordsUrl"].is_string()) return {};
    const std::string& address = page["nextRecordsUrl"].as_string();
    const std::size_t at = address.find("/query");
    const std::string cursor = at == address.npos ? std::string() : address.substr(at + 1);
    if (!is_cursor(cursor)) {
        throw failure(SLUICE_UNAVAILABLE, "Salesforce's nextRecordsUrl cannot be understood");
    }
    return json(cursor);
}

}  // namespace

task<json> connector::query(context& ctx, const json& input) {
    const api salesforce(ctx);
    const std::int64_t limit =
        number_between(input, "limit", largest_page, smallest_page, largest_limit);
    std::string address = first_address(salesforce, input);
    json items = json::array();
    json total;
    json cursor;
    std::size_t bytes = 0;
    while (true) {
        http_request request = salesforce.request("GET", address);
        request.header("Sforce-Query-Options", "batchSize=" + std::to_string(page_size(limit)));
        task<http_response> sent = salesforce.send(std::move(request));
        const http_response response = co_await sent;
        const json page = response.json();
        if (!page["records"].is_array()) {
            throw failure(SLUICE_UNAVAILABLE, "Salesforce answered a query without records");
        }
        const std::size_t size = page["records"].size();
        for (const json& record : page["records"].items())
            items.push(record);
        total = page["totalSize"];
        bytes += response.body.size();
        cursor = next_cursor(page);
        // A page that is empty would go on for ever.
        if (cursor.is_null() || size == 0) break;
        if (items.size() + size > static_cast<std::size_t>(limit) || bytes >= enough_bytes) break;
        address = salesforce.data("/" + cursor.as_string());
    }
    const bool more = !cursor.is_null();
    co_return json{{"items", items}, {"totalSize", total}, {"cursor", cursor}, {"more", more}};
}

}  // namespace sluice::salesforce
