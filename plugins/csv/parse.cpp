#include <optional>
#include <sluice/option.hpp>
#include <string>
#include <utility>
#include <vector>

#include "csv.hpp"
#include "table.hpp"

namespace csv {

namespace {

constexpr std::int64_t usual_limit = 1000;
constexpr std::int64_t largest_limit = 10'000;
// A result has at most 16 MiB, and a control character is six bytes of JSON.
constexpr std::size_t enough_bytes = 3 << 19;
constexpr std::size_t most_errors = 100;

json describe(const fault& why, std::uint64_t row) {
    return json{{"line", why.line}, {"column", why.column}, {"row", row}, {"message", why.message}};
}

struct batch {
    json::array_type items;
    json::array_type errors;
    std::size_t bytes = 0;  // about as many as the items are as JSON
    bool more = true;

    bool is_full(std::int64_t limit) const {
        return static_cast<std::int64_t>(items.size() + errors.size()) >= limit ||
               errors.size() >= most_errors || bytes >= enough_bytes;
    }
};

std::size_t bytes_of(const std::vector<std::string>& names) {
    std::size_t bytes = 0;
    for (const std::string& name : names)
        bytes += name.size() + 6;  // quotes, colon, comma
    return bytes;
}

// False: more of the file must be fetched first.
bool fill(batch& found, table& open, std::int64_t limit, bool lenient) {
    const std::size_t name_bytes = bytes_of(open.form.names());
    while (!found.is_full(limit)) {
        const std::size_t ahead = open.rows.ahead().size();
        const next_record next = open.rows.next();
        if (next == next_record::needs_more) return false;
        if (next == next_record::end) {
            found.more = false;
            return true;
        }
        ++open.row_number;
        found.bytes += ahead - open.rows.ahead().size() + name_bytes;
        json row;
        const std::optional<fault> why = next == next_record::faulty
                                             ? open.rows.current_fault()
                                             : open.form.read(open.rows, row);
        if (!why) {
            found.items.push_back(std::move(row));
        } else if (lenient) {
            found.errors.push_back(describe(*why, open.row_number));
        } else {
            throw failure_of(*why);
        }
    }
    return true;
}

}  // namespace

// A batch of rows. Reads from where the cursor says, never from the front again.
task<json> connector::parse(context& ctx, const json& input) {
    const std::int64_t limit = sluice::int_option(input, "limit", usual_limit, 1, largest_limit);
    const bool lenient = sluice::choice_option(input, "mode", {"strict", "lenient"}) == "lenient";
    task<std::unique_ptr<table>> opening = open_table(ctx, input);
    const std::unique_ptr<table> open = co_await opening;
    batch found;
    while (!fill(found, *open, limit, lenient)) {
        task<void> fetching = open->rows.fetch();
        co_await fetching;
    }
    json output{{"items", json::array(std::move(found.items))},
                {"cursor", cursor_of(*open)},
                {"more", found.more},
                {"errors", json::array(std::move(found.errors))},
                {"rows", open->row_number}};
    if (open->form.has_names()) output.set("names", names_as_json(open->form.names()));
    co_return output;
}

}  // namespace csv
