#include "tooling.hpp"

#include <sluice/encoding.hpp>
#include <utility>

#include "soql.hpp"

namespace sluice::salesforce {
namespace {

url objects_address(const api& salesforce, const std::string& type) {
    return salesforce.data("/tooling/sobjects").segment(type);
}

}  // namespace

bool is_same_name(std::string_view a, std::string_view b) {
    return lower_ascii(a) == lower_ascii(b);
}

task<json> tooling_query(const api& salesforce, std::string query) {
    const url address = salesforce.data("/tooling/query").query("q", query);
    task<json> asked = salesforce.get(address);
    const json page = co_await asked;
    if (!page["records"].is_array()) {
        throw failure(SLUICE_UNAVAILABLE, "Salesforce answered a query without records");
    }
    co_return page["records"];
}

task<json> find_tooling(const api& salesforce, std::string type, std::string name,
                        std::string full_name) {
    task<json> looked =
        tooling_query(salesforce, "SELECT Id FROM " + type + " WHERE Name = " + text_literal(name));
    const json found = co_await looked;
    // Different objects may have one of the same name; there are few.
    for (const json& one : found.items()) {
        const url address =
            objects_address(salesforce, type) / checked_id(one.get_or("Id", ""), "Id");
        task<json> asked = salesforce.get(address);
        json whole = co_await asked;
        if (is_same_name(whole.get_or("FullName", ""), full_name)) {
            whole.set("Id", one["Id"]);
            co_return whole;
        }
    }
    co_return json();
}

task<std::string> create_tooling(const api& salesforce, std::string type, std::string full_name,
                                 json metadata) {
    const json body{{"FullName", full_name}, {"Metadata", metadata}};
    task<json> sent = salesforce.write("POST", objects_address(salesforce, type), body);
    const json made = co_await sent;
    co_return checked_id(made.get_or("id", ""), "the new one's id");
}

task<void> change_tooling(const api& salesforce, std::string type, std::string id, json metadata) {
    const json body{{"Metadata", metadata}};
    task<json> sent = salesforce.write("PATCH", objects_address(salesforce, type) / id, body);
    co_await sent;
}

task<void> delete_tooling(const api& salesforce, std::string type, std::string id) {
    try {
        task<json> sent =
            salesforce.write("DELETE", objects_address(salesforce, type) / id, json());
        co_await sent;
    } catch (const failure& why) {
        if (why.code() != SLUICE_NOT_FOUND) throw;
    }
}

}  // namespace sluice::salesforce
