#include <set>
#include <sluice/option.hpp>
#include <string>
#include <utility>
#include <vector>

#include "csv.hpp"
#include "row_writer.hpp"

namespace csv {

using sluice::blob;
using sluice::failure;

namespace {

constexpr std::size_t piece_bytes = 256 * 1024;

[[noreturn]] void refuse_columns() {
    throw failure(SLUICE_INVALID_INPUT,
                  "'columns' must be a list of names, or of objects with 'name' and 'title'");
}

std::vector<column> listed_columns(const json& input) {
    std::vector<column> columns;
    for (const json& each : sluice::required_array(input, "columns").items()) {
        const json& name = each.is_object() ? each["name"] : each;
        if (!name.is_string() || name.empty()) refuse_columns();
        const json& title = each["title"];
        if (!title.is_null() && !title.is_string()) refuse_columns();
        columns.push_back(
            {name.as_string(), title.is_null() ? name.as_string() : title.as_string()});
    }
    if (columns.empty()) refuse_columns();
    return columns;
}

// Every member that an item has, in the order in which they come.
std::vector<column> found_columns(const json::array_type& items) {
    std::vector<column> columns;
    std::set<std::string_view> seen;
    for (const json& item : items) {
        for (const auto& [name, value] : item.members()) {
            if (seen.insert(name).second) columns.push_back({name, name});
        }
    }
    return columns;
}

void check_items(const json::array_type& items, const json& listed) {
    for (std::size_t i = 0; i < items.size(); ++i) {
        if ((items[i].is_object() || items[i].is_array()) && !items[i].empty()) {
            const bool fits = listed.is_null() || items[i].size() == listed.size();
            if (items[i].is_object() || fits) continue;
            throw failure(SLUICE_INVALID_INPUT, "row " + std::to_string(i + 1) + " has " +
                                                    std::to_string(items[i].size()) +
                                                    " fields, there are " +
                                                    std::to_string(listed.size()) + " 'columns'");
        }
        throw failure(SLUICE_INVALID_INPUT,
                      "'items' must be objects or arrays that are not empty; number " +
                          std::to_string(i + 1) + " is not");
    }
}

}  // namespace

task<json> connector::write(context& ctx, const json& input) {
    const json::array_type& items = sluice::required_array(input, "items").items();
    check_items(items, input["columns"]);
    const std::vector<column> columns =
        input["columns"].is_null() ? found_columns(items) : listed_columns(input);
    const bool as_text = sluice::choice_option(input, "as", {"file", "text"}) == "text";
    row_writer writer(input);
    if (as_text && writer.encoding() != sluice::text_encoding::utf8) {
        throw failure(SLUICE_INVALID_INPUT, "text is UTF-8; another 'encoding' needs as: file");
    }
    std::string bytes;
    blob file;
    if (!as_text) {
        file = ctx.create_blob("text/csv; charset=" + std::string(name_of(writer.encoding())));
    }
    writer.write_mark(bytes);
    // Rows that are arrays have no names; a header needs columns.
    if (sluice::bool_option(input, "header", true) && !columns.empty()) {
        writer.write_titles(bytes, columns);
    }
    for (std::size_t i = 0; i < items.size(); ++i) {
        writer.write_row(bytes, items[i], columns, i + 1);
        if (!as_text && bytes.size() >= piece_bytes) {
            co_await file.write(std::move(bytes));
            bytes.clear();
        }
    }
    if (as_text) co_return json{{"text", std::move(bytes)}, {"rows", items.size()}};
    if (!bytes.empty()) co_await file.write(std::move(bytes));
    file.seal();
    co_return json{{"file", file.reference()}, {"rows", items.size()}};
}

}  // namespace csv
