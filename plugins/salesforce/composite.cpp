// Several requests in one, in order; later ones may refer to what earlier ones gave:
// "sobjects/Contact/@{account.id}".
#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "api.hpp"
#include "errors.hpp"
#include "salesforce.hpp"

namespace sluice::salesforce {
namespace {

constexpr std::size_t most_requests = 25;

failure bad_input(std::string message) { return failure(SLUICE_INVALID_INPUT, std::move(message)); }

std::string checked_method(const json& request) {
    const std::string method = request.get_or("method", "GET");
    for (const char* const known : {"GET", "POST", "PATCH", "PUT", "DELETE"}) {
        if (method == known) return method;
    }
    throw bad_input("'method' must be GET, POST, PATCH, PUT or DELETE, it is '" + method + "'");
}

// Below the version's own address, so that nothing else of the organization can be reached.
std::string checked_sub_path(const json& request) {
    std::string path = required_string(request, "path");
    path.erase(0, path.find_first_not_of('/'));
    const bool plain = std::all_of(path.begin(), path.end(), [](char c) {
        return c > ' ' && c < '\x7F' && c != '#' && c != '\\' && c != '"';
    });
    if (path.empty() || !plain || path.find("..") != path.npos || path.find("//") != path.npos) {
        throw bad_input("'path' must be like sobjects/Account, it is '" +
                        required_string(request, "path") + "'");
    }
    return path;
}

std::string with_query(std::string path, const json& query) {
    for (const auto& [name, value] : query.members()) {
        path += path.find('?') == path.npos ? '?' : '&';
        path += percent_encode(name) + "=" +
                percent_encode(value.is_string() ? value.as_string() : value.dump());
    }
    return path;
}

json part_of(const api& salesforce, const json& request, std::set<std::string>& names) {
    if (!request.is_object()) throw bad_input("'requests' must be a list of objects");
    const std::string& name = required_string(request, "referenceId");
    if (!names.insert(checked_name(name, "referenceId")).second) {
        throw bad_input("two of 'requests' have the referenceId '" + name + "'");
    }
    const std::string path = with_query(checked_sub_path(request), request["query"]);
    json part{{"method", checked_method(request)},
              {"url", salesforce.data_path() + "/" + path},
              {"referenceId", name}};
    if (!request["body"].is_null()) part.set("body", request["body"]);
    if (!request["headers"].is_null()) {
        part.set("httpHeaders", required_object(request, "headers"));
    }
    return part;
}

// Empty for one that worked.
std::string code_of(const json& part) {
    const std::int64_t status = part.get_or("httpStatusCode", 0);
    if (status >= 200 && status < 300) return {};
    const std::string code = part["body"][0].get_or("errorCode", "");
    if (!code.empty()) return code;
    // What stands before Salesforce explains nothing.
    return status == 429 || status >= 500 ? "SERVER_UNAVAILABLE" : "UNKNOWN_ERROR";
}

}  // namespace

task<json> connector::composite(context& ctx, const json& input) {
    const api salesforce(ctx);
    const json& requests = required_array(input, "requests");
    if (requests.empty() || requests.size() > most_requests) {
        throw bad_input("'requests' must have 1 to 25 items, it has " +
                        std::to_string(requests.size()));
    }
    std::set<std::string> names;
    json parts = json::array();
    for (const json& request : requests.items())
        parts.push(part_of(salesforce, request, names));
    const json body{{"allOrNone", input.get_or("allOrNone", false)}, {"compositeRequest", parts}};
    task<json> sent = salesforce.write("POST", salesforce.data("/composite"), body);
    const json answer = co_await sent;
    if (answer["compositeResponse"].size() != requests.size()) {
        throw failure(SLUICE_UNAVAILABLE, "Salesforce did not answer each of the requests");
    }
    std::vector<std::string> codes;
    for (const json& one : answer["compositeResponse"].items())
        codes.push_back(code_of(one));
    const std::vector<bool> retryable = worth_repeating(codes);
    json results = json::array();
    std::int64_t failed = 0;
    for (std::size_t i = 0; i < codes.size(); ++i) {
        const json& one = answer["compositeResponse"][i];
        const bool ok = codes[i].empty();
        json result{{"referenceId", one["referenceId"]},
                    {"status", one.get_or("httpStatusCode", 0)},
                    {"ok", ok},
                    {"body", one["body"]},
                    {"headers", one["httpHeaders"]}};
        if (!ok) {
            ++failed;
            result.set("retryable", bool{retryable[i]});
        }
        results.push(std::move(result));
    }
    const std::int64_t succeeded = static_cast<std::int64_t>(results.size()) - failed;
    co_return json{{"results", results}, {"succeeded", succeeded}, {"failed", failed}};
}

}  // namespace sluice::salesforce
