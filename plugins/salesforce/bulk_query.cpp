#include <charconv>
#include <string>

#include "api.hpp"
#include "bulk_jobs.hpp"
#include "salesforce.hpp"
#include "soql.hpp"

namespace sluice::salesforce {
namespace {

constexpr std::int64_t most_records = 1'000'000;

json records_in(const http_response& response) {
    const std::string_view text = response.header("Sforce-NumberOfRecords");
    std::int64_t number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    return read.ec == std::errc() && !text.empty() ? json(number) : json();
}

}  // namespace

task<json> connector::bulk_query(context& ctx, const json& input) {
    const api salesforce(ctx);
    json wanted{{"operation", input.get_or("includeDeleted", false) ? "queryAll" : "query"},
                {"query", bound_query(input)},
                {"contentType", "CSV"}};
    set_csv_format(wanted, input);
    task<json> sent = salesforce.write("POST", jobs_address(salesforce, "query"), wanted);
    const json job = co_await sent;
    co_return json{{"job", job["id"]}, {"state", job["state"]}};
}

task<json> connector::bulk_query_results(context& ctx, const json& input) {
    const api salesforce(ctx);
    const std::string& job = checked_id(required_string(input, "job"), "job");
    url address = (jobs_address(salesforce, "query") / job).path("/results");
    if (!input["cursor"].is_null()) address.query("locator", required_string(input, "cursor"));
    if (!input["maxRecords"].is_null()) {
        address.query("maxRecords", number_between(input, "maxRecords", 1, 1, most_records));
    }
    task<http_response> fetched = fetch_file(salesforce, address);
    const http_response response = co_await fetched;
    const std::string locator(response.header("Sforce-Locator"));
    const bool more = !locator.empty() && locator != "null";
    co_return json{{"file", response.body_blob ? response.body_blob.reference() : json()},
                   {"records", records_in(response)},
                   {"cursor", more ? json(locator) : json()},
                   {"more", more}};
}

}  // namespace sluice::salesforce
