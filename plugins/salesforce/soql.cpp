#include "soql.hpp"

#include <set>

#include "api.hpp"

namespace sluice::salesforce {
namespace {

bool is_name_character(char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '_'; }

failure bad_input(std::string message) { return failure(SLUICE_INVALID_INPUT, std::move(message)); }

// Where the text literal that begins at `from` ends: behind its closing quote.
std::size_t end_of_text(std::string_view query, std::size_t from) {
    for (std::size_t at = from + 1; at < query.size(); ++at) {
        if (query[at] == '\\') {
            ++at;
        } else if (query[at] == '\'') {
            return at + 1;
        }
    }
    throw bad_input("the query has a text without its closing quote");
}

}  // namespace

std::string bind_parameters(std::string_view query, const json& parameters) {
    if (!parameters.is_null() && !parameters.is_object()) {
        throw bad_input(std::string("'parameters' must be an object, it is ") +
                        parameters.kind_name());
    }
    std::string bound;
    std::set<std::string, std::less<>> used;
    for (std::size_t at = 0; at < query.size();) {
        if (query[at] == '\'') {
            const std::size_t end = end_of_text(query, at);
            bound += query.substr(at, end - at);
            at = end;
            continue;
        }
        // A colon before a digit belongs to a time or to LAST_N_DAYS:7.
        const bool names = query[at] == ':' && at + 1 < query.size() && is_letter(query[at + 1]);
        if (!names) {
            bound += query[at++];
            continue;
        }
        std::size_t end = at + 1;
        while (end < query.size() && is_name_character(query[end]))
            ++end;
        const std::string name(query.substr(at + 1, end - at - 1));
        const json* value = parameters.find(name);
        if (value == nullptr) throw bad_input("the query's :" + name + " is not in 'parameters'");
        bound += literal(*value, "parameters." + name);
        used.insert(name);
        at = end;
    }
    for (const auto& [name, value] : parameters.members()) {
        if (!used.contains(name)) throw bad_input("the query has no :" + name);
    }
    return bound;
}

std::string bound_query(const json& input) {
    return bind_parameters(required_string(input, "query"), input["parameters"]);
}

}  // namespace sluice::salesforce
