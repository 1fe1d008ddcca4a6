// Up to 200 records in one request; each has a result of its own.
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "api.hpp"
#include "errors.hpp"
#include "salesforce.hpp"

namespace sluice::salesforce {
namespace {

constexpr std::size_t most_records = 200;

constexpr std::string_view gone_already = "ENTITY_IS_DELETED";
constexpr std::string_view undone = "ALL_OR_NONE_OPERATION_ROLLED_BACK";

failure incomplete_answer() {
    return failure(SLUICE_UNAVAILABLE, "Salesforce did not answer with a result for each record");
}

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

// Empty for a record that was written.
std::string code_of(const json& result) {
    if (result.get_or("success", false)) return {};
    return result["errors"][0].get_or("statusCode", "UNKNOWN_ERROR");
}

// {"results": [...], "succeeded", "failed"}; each refusal says whether it is worth another try.
json summary(const json& answer, std::size_t asked) {
    if (!answer.is_array() || answer.size() != asked) throw incomplete_answer();
    std::vector<std::string> codes;
    for (const json& one : answer.items())
        codes.push_back(code_of(one));
    const std::vector<bool> retryable = worth_repeating(codes);
    json results = json::array();
    std::int64_t succeeded = 0;
    for (std::size_t i = 0; i < asked; ++i) {
        json result = answer[i];
        if (codes[i].empty()) {
            ++succeeded;
        } else {
            result.set("retryable", bool{retryable[i]});
        }
        results.push(std::move(result));
    }
    const std::int64_t failed = static_cast<std::int64_t>(asked) - succeeded;
    return json{{"results", results}, {"succeeded", succeeded}, {"failed", failed}};
}

// One refusal that is neither for the sake of another nor of what is gone.
bool has_own_refusal(const json& answer) {
    return std::any_of(answer.items().begin(), answer.items().end(), [](const json& one) {
        const std::string code = code_of(one);
        return !code.empty() && code != gone_already && code != undone;
    });
}

task<json> delete_all(const api& salesforce, json ids, bool all_or_none) {
    std::string list;
    for (const json& id : ids.items())
        list += (list.empty() ? "" : ",") + id.as_string();
    url address = salesforce.data("/composite/sobjects").query("ids", list);
    address.query("allOrNone", all_or_none ? "true" : "false");
    task<json> sent = salesforce.write("DELETE", address, json());
    json answer = co_await sent;
    if (!answer.is_array() || answer.size() != ids.size()) throw incomplete_answer();
    co_return answer;
}

// The ids of those that were there; those of the others are noted in `gone`.
json without_gone(const json& ids, const json& answer, std::set<std::string>& gone) {
    json left = json::array();
    for (std::size_t i = 0; i < ids.size(); ++i) {
        if (code_of(answer[i]) == gone_already) {
            gone.insert(ids[i].as_string());
        } else {
            left.push(ids[i]);
        }
    }
    return left;
}

// The answer to the last request, `asked`, put together with what earlier ones found to be gone.
json with_gone(const json& ids, const json& asked, const json& answer,
               const std::set<std::string>& gone) {
    std::map<std::string, json> answers;
    for (std::size_t i = 0; i < answer.size() && i < asked.size(); ++i)
        answers.emplace(asked[i].as_string(), answer[i]);
    json out = json::array();
    for (const json& id : ids.items()) {
        const bool is_gone = gone.contains(id.as_string());
        json one =
            is_gone ? json{{"success", true}, {"errors", json::array()}} : answers[id.as_string()];
        one.set("id", id);
        if (one.get_or("success", false)) one.set("deleted", !is_gone);
        out.push(std::move(one));
    }
    return out;
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
    for (const json& id : checked_list(input, "ids").items()) {
        if (!id.is_string()) throw failure(SLUICE_INVALID_INPUT, "'ids' must be a list of ids");
        checked_id(id.as_string(), "ids");
    }
    const bool all_or_none = input.get_or("allOrNone", false);
    json left = input["ids"];
    // What was gone before keeps nothing else from being deleted.
    std::set<std::string> gone;
    json answer;
    while (!left.empty()) {
        task<json> sent = delete_all(salesforce, left, all_or_none);
        answer = co_await sent;
        const json still = without_gone(left, answer, gone);
        if (!all_or_none || still.size() == left.size() || has_own_refusal(answer)) break;
        left = still;
    }
    co_return summary(with_gone(input["ids"], left, answer, gone), input["ids"].size());
}

}  // namespace sluice::salesforce
