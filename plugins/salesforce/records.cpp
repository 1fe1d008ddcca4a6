#include "api.hpp"
#include "errors.hpp"
#include "salesforce.hpp"

namespace sluice::salesforce {
namespace {

// By "id", or by "externalIdField" and "externalId".
url record_address(const api& salesforce, const json& input) {
    url address = object_address(salesforce, input);
    if (input["externalIdField"].is_null()) {
        return address / checked_id(required_string(input, "id"), "id");
    }
    const std::string& field =
        checked_name(required_string(input, "externalIdField"), "externalIdField");
    return address / field / required_string(input, "externalId");
}

// Without what Salesforce refuses to be told again: the record's address and its type.
json fields_without(const json& input, std::string_view left_out) {
    json fields = required_object(input, "fields");
    fields.erase("attributes");
    if (!left_out.empty()) fields.erase(left_out);
    return fields;
}

http_request write_request(const api& salesforce, std::string method, const url& address,
                           const json& input) {
    http_request request = salesforce.request(std::move(method), address);
    if (input.get_or("allowDuplicates", false)) {
        request.header("Sforce-Duplicate-Rule-Header", "allowSave=true");
    }
    if (!input.get_or("autoAssign", true)) request.header("Sforce-Auto-Assign", "FALSE");
    return request;
}

// By an external id Salesforce does not know deleted records. It says the same of a field that
// there is not, but for the words.
bool is_unknown_external_id(const json& input, const failure& why) {
    return !input["externalIdField"].is_null() && is_refusal(why, "NOT_FOUND") &&
           why.message().find("external ID field") == std::string::npos;
}

}  // namespace

task<json> connector::get_record(context& ctx, const json& input) {
    const api salesforce(ctx);
    url address = record_address(salesforce, input);
    if (!input["fields"].is_null()) {
        std::string names;
        for (const json& field : required_array(input, "fields").items()) {
            if (!field.is_string()) {
                throw failure(SLUICE_INVALID_INPUT, "'fields' must be a list of names");
            }
            names += (names.empty() ? "" : ",") + checked_path(field.as_string(), "fields");
        }
        if (!names.empty()) address.query("fields", names);
    }
    task<json> sent = salesforce.get(address);
    co_return co_await sent;
}

task<json> connector::create_record(context& ctx, const json& input) {
    const api salesforce(ctx);
    http_request request =
        write_request(salesforce, "POST", object_address(salesforce, input), input);
    request.json_body(fields_without(input, "Id"));
    task<json> sent = salesforce.send_json(std::move(request));
    const json made = co_await sent;
    co_return json{{"id", made["id"]}, {"created", true}};
}

task<json> connector::update_record(context& ctx, const json& input) {
    const api salesforce(ctx);
    const std::string& id = checked_id(required_string(input, "id"), "id");
    http_request request =
        write_request(salesforce, "PATCH", object_address(salesforce, input) / id, input);
    request.json_body(fields_without(input, "Id"));
    task<json> sent = salesforce.send_json(std::move(request));
    co_await sent;
    co_return json{{"id", id}, {"updated", true}};
}

task<json> connector::upsert_record(context& ctx, const json& input) {
    const api salesforce(ctx);
    const std::string& field = required_string(input, "externalIdField");
    required_string(input, "externalId");
    json fields = fields_without(input, field);
    fields.erase("Id");
    url address = record_address(salesforce, input);
    if (input.get_or("updateOnly", false)) address.query("updateOnly", "true");
    http_request request = write_request(salesforce, "PATCH", address, input);
    request.json_body(fields);
    task<http_response> sent = salesforce.send(std::move(request));
    const http_response response = co_await sent;
    const json answer = response.body.empty() ? json() : response.json();
    constexpr unsigned made = 201;
    co_return json{{"id", answer["id"]},
                   {"created", answer.get_or("created", response.status == made)}};
}

task<json> connector::delete_record(context& ctx, const json& input) {
    const api salesforce(ctx);
    const url address = record_address(salesforce, input);
    // What an earlier try of this step has deleted is as it should be.
    bool deleted = true;
    try {
        task<json> sent = salesforce.write("DELETE", address, json());
        co_await sent;
    } catch (const failure& why) {
        if (!is_refusal(why, "ENTITY_IS_DELETED") && !is_unknown_external_id(input, why)) throw;
        deleted = false;
    }
    co_return json{{"deleted", deleted}};
}

}  // namespace sluice::salesforce
