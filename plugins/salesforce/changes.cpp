// What is new or has changed, found by SystemModstamp and Id: records of the same moment are told
// apart by their ids, so that no page boundary loses or repeats one.
#include <chrono>
#include <optional>
#include <sluice/http_date.hpp>
#include <string>

#include "api.hpp"
#include "salesforce.hpp"
#include "soql.hpp"

namespace sluice::salesforce {
namespace {

constexpr std::int64_t usual_limit = 500;
constexpr std::int64_t largest_limit = 2000;  // of one page
// A transaction commits some time after it has stamped its records.
constexpr std::int64_t usual_settle_s = 30;
constexpr std::int64_t longest_settle_s = 3600;
constexpr std::size_t to_the_second = 19;  // of "2026-01-31T12:00:00.000+0000"

// Behind which record the next call begins.
struct position {
    std::string time;  // as in a query
    std::string id;    // empty: with the first one of that time
};

// "2026-01-31T12:00:00.000Z|001..." or a time alone.
std::optional<position> position_of(const json& input) {
    for (const char* const key : {"cursor", "since"}) {
        if (input[key].is_null()) continue;
        const std::string& text = required_string(input, key);
        const std::size_t bar = text.find('|');
        position found{time_literal(text.substr(0, bar), key), {}};
        if (bar != text.npos) found.id = checked_id(text.substr(bar + 1), key);
        return found;
    }
    return std::nullopt;
}

std::string field_list(const json& input) {
    std::string out = "Id, SystemModstamp, CreatedDate, IsDeleted";
    if (!input.get_or("includeDeleted", false)) out.resize(out.rfind(','));
    for (const json& field : input["fields"].items()) {
        if (!field.is_string()) {
            throw failure(SLUICE_INVALID_INPUT, "'fields' must be a list of names");
        }
        const std::string& name = checked_path(field.as_string(), "fields");
        if ((", " + out + ",").find(", " + name + ",") == std::string::npos) out += ", " + name;
    }
    return out;
}

std::string query_of(const json& input, const std::optional<position>& from, std::int64_t limit) {
    const std::string& object = checked_name(required_string(input, "object"), "object");
    std::string conditions;
    if (from) {
        conditions = "SystemModstamp >= " + from->time;
        if (!from->id.empty()) {
            conditions += " AND (SystemModstamp > " + from->time + " OR Id > '" + from->id + "')";
        }
    }
    if (!input["where"].is_null()) {
        const std::string own =
            bind_parameters(required_string(input, "where"), input["parameters"]);
        conditions += (conditions.empty() ? "(" : " AND (") + own + ")";
    }
    std::string query = "SELECT " + field_list(input) + " FROM " + object;
    if (!conditions.empty()) query += " WHERE " + conditions;
    return query + " ORDER BY SystemModstamp ASC, Id ASC LIMIT " + std::to_string(limit);
}

const std::string& time_in(const json& record, std::string_view key) {
    const json& time = record[key];
    if (!time.is_string() || time.size() < to_the_second) {
        throw failure(SLUICE_UNAVAILABLE,
                      "Salesforce gave a record without its " + std::string(key));
    }
    return time.as_string();
}

// The moment up to which everything is committed, to the second as in records; empty: unknown.
std::string settled_until(const http_response& response, std::int64_t settle_s) {
    const std::optional<std::int64_t> now = parse_http_date(response.header("Date"));
    if (!now) return {};
    const std::chrono::sys_seconds moment{std::chrono::seconds(*now - settle_s)};
    const auto day = std::chrono::floor<std::chrono::days>(moment);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss time(moment - day);
    const auto two = [](auto number) {
        const std::string text = std::to_string(number);
        return text.size() < 2 ? "0" + text : text;
    };
    return std::to_string(static_cast<int>(date.year())) + "-" +
           two(static_cast<unsigned>(date.month())) + "-" + two(static_cast<unsigned>(date.day())) +
           "T" + two(time.hours().count()) + ":" + two(time.minutes().count()) + ":" +
           two(time.seconds().count());
}

// A record that was made behind the place where this call began has not been given before.
const char* kind_of_change(const json& record, const std::optional<position>& from) {
    if (record.get_or("IsDeleted", false)) return "deleted";
    if (!from) return "created";
    const std::string made = time_in(record, "CreatedDate").substr(0, to_the_second);
    const std::string begun = from->time.substr(0, to_the_second);
    const bool is_new = made > begun || (made == begun && record.get_or("Id", "") > from->id);
    return is_new ? "created" : "updated";
}

}  // namespace

task<json> connector::list_changes(context& ctx, const json& input) {
    const api salesforce(ctx);
    const std::int64_t limit = number_between(input, "limit", usual_limit, 1, largest_limit);
    const std::int64_t settle_s =
        number_between(input, "settleSeconds", usual_settle_s, 0, longest_settle_s);
    const std::optional<position> from = position_of(input);
    if (!input["fields"].is_null()) required_array(input, "fields");
    const std::string query = query_of(input, from, limit);
    const bool deleted_too = input.get_or("includeDeleted", false);
    url address = salesforce.data(deleted_too ? "/queryAll" : "/query").query("q", query);

    task<http_response> sent = salesforce.send(salesforce.request("GET", address));
    const http_response response = co_await sent;
    const json page = response.json();
    const json& records = page["records"];
    if (!records.is_array()) {
        throw failure(SLUICE_UNAVAILABLE, "Salesforce answered a query without records");
    }
    const std::string until = settled_until(response, settle_s);
    if (until.empty()) {
        ctx.log(log_level::warning,
                "Salesforce's answer has no Date: changes that commit late may be missed");
    }
    json items = json::array();
    json cursor = from ? json(from->id.empty() ? from->time : from->time + "|" + from->id) : json();
    bool settled = true;
    for (const json& record : records.items()) {
        const std::string& at = time_in(record, "SystemModstamp");
        if (!until.empty() && at.substr(0, to_the_second) > until) {
            settled = false;
            break;
        }
        const std::string id = checked_id(record.get_or("Id", ""), "Id");
        items.push(json{
            {"change", kind_of_change(record, from)}, {"id", id}, {"at", at}, {"record", record}});
        cursor = json(time_literal(at, "SystemModstamp") + "|" + id);
    }
    // Wide records make pages shorter than the limit.
    const bool full =
        records.size() == static_cast<std::size_t>(limit) || !page.get_or("done", true);
    const bool more = settled && full && !records.empty();
    co_return json{{"items", items}, {"cursor", cursor}, {"more", more}};
}

}  // namespace sluice::salesforce
