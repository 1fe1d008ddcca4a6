// Up to 200 records in one request; each has a result of its own.
#include <utility>

#include "api.hpp"
#include "errors.hpp"
#include "salesforce.hpp"

namespace sluice::salesforce {
namespace {

constexpr std::size_t most_records = 200;

const json& checked_list(const json& input, std::string_view key) {
    const json& list = required_array(input, key);
    if (list.empty() || list.size() > most_records) {
        throw failure(SLUICE_INVALID_INPUT, "'" + std::string(key) +
                                                "' must have 1 to 200 items, it has " +
                                                std::to_string(list.size()));
    }
    return list;
}

json typed_records(const json& input, const std::string& object, bool by_id) {
    json records = json::array();
    for (const json& given : checked_list(input, "records").items()) {
        if (!given.is_object()) {
            throw failure(SLUICE_INVALID_INPUT, "'records' must be a list of objects");
        }
        if (by_id) {
            const json& id = given.contains("Id") ? given["Id"] : given["id"];
            if (!id.is_string() || !is_id(id.as_string())) {
                throw failure(SLUICE_INVALID_INPUT, "each of 'records' needs its Id");
            }
        }
        json record{{"attributes", json{{"type", object}}}};
        for (const auto& [name, value] : given.members()) {
            if (name != "attributes") record.set(name == "Id" ? "id" : name, value);
        }
        records.push(std::move(record));
    }
    return records;
}

json body_of(const json& input, bool by_id) {
    const std::string& object = checked_name(required_string(input, "object"), "object");
    return json{{"allOrNone", input.get_or("allOrNone", false)},
                {"records", typed_records(input, object, by_id)}};
}

// {"results": [...], "succeeded", "failed"}; each refusal says whether it is worth another try.
json summary(const json& answer, std::size_t asked) {
    if (!answer.is_array() || answer.size() != asked) {
        throw failure(SLUICE_UNAVAILABLE,
                      "Salesforce did not answer with a result for each record");
    }
    json results = json::array();
    std::int64_t succeeded = 0;
    for (const json& one : answer.items()) {
        json result = one;
        if (one.get_or("success", false)) {
            ++succeeded;
        } else {
            const std::string code = one["errors"][0].get_or("statusCode", "");
            result.set("retryable", is_worth_repeating(code));
        }
        results.push(std::move(result));
    }
    const std::int64_t failed = static_cast<std::int64_t>(asked) - succeeded;
    return json{{"results", results}, {"succeeded", succeeded}, {"failed", failed}};
}

}  // namespace

task<json> connector::create_records(context& ctx, const json& input) {
    const api salesforce(ctx);
    const json body = body_of(input, false);
    task<json> sent = salesforce.write("POST", salesforce.data("/composite/sobjects"), body);
    co_return summary(co_await sent, body["records"].size());
}

task<json> connector::update_records(context& ctx, const json& input) {
    const api salesforce(ctx);
    const json body = body_of(input, true);
    task<json> sent = salesforce.write("PATCH", salesforce.data("/composite/sobjects"), body);
    co_return summary(co_await sent, body["records"].size());
}

task<json> connector::upsert_records(context& ctx, const json& input) {
    const api salesforce(ctx);
    const json body = body_of(input, false);
    const std::string& field =
        checked_name(required_string(input, "externalIdField"), "externalIdField");
    for (const json& record : body["records"].items()) {
        if (record[field].is_null()) {
            throw failure(SLUICE_INVALID_INPUT, "each of 'records' needs its " + field);
        }
    }
    const url address =
        salesforce.data("/composite/sobjects") / input["object"].as_string() / field;
    task<json> sent = salesforce.write("PATCH", address, body);
    co_return summary(co_await sent, body["records"].size());
}

task<json> connector::delete_records(context& ctx, const json& input) {
    const api salesforce(ctx);
    std::string ids;
    for (const json& id : checked_list(input, "ids").items()) {
        if (!id.is_string()) throw failure(SLUICE_INVALID_INPUT, "'ids' must be a list of ids");
        ids += (ids.empty() ? "" : ",") + checked_id(id.as_string(), "ids");
    }
    url address = salesforce.data("/composite/sobjects").query("ids", ids);
    address.query("allOrNone", input.get_or("allOrNone", false) ? "true" : "false");
    task<json> sent = salesforce.write("DELETE", address, json());
    co_return summary(co_await sent, input["ids"].size());
}

}  // namespace sluice::salesforce
