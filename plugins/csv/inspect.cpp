#include <cstdint>
#include <optional>
#include <sluice/option.hpp>
#include <string>
#include <utility>

#include "csv.hpp"
#include "table.hpp"

namespace csv {

namespace {

struct findings {
    json::array_type sample;
    json::array_type errors;
    std::uint64_t faulty = 0;
    std::uint64_t rows = 0;
};

constexpr std::size_t most_errors = 20;

// True at the end of what is asked for: the sample, or the whole file when rows are counted.
bool look(findings& found, table& open, std::size_t sample, bool count) {
    while (count || found.sample.size() < sample) {
        const next_record next = open.rows.next();
        if (next == next_record::needs_more) return false;
        if (next == next_record::end) return true;
        ++found.rows;
        json row;
        const std::optional<fault> why = next == next_record::faulty
                                             ? open.rows.current_fault()
                                             : open.form.read(open.rows, row);
        if (!why) {
            if (found.sample.size() < sample) found.sample.push_back(std::move(row));
            continue;
        }
        ++found.faulty;
        if (found.errors.size() < most_errors) {
            found.errors.push_back(json{{"line", why->line},
                                        {"column", why->column},
                                        {"row", found.rows},
                                        {"message", why->message}});
        }
        // Without counting, a file of nothing but faults would be read to its end.
        if (!count && found.faulty >= most_errors) return true;
    }
    return true;
}

}  // namespace

// What kind of file it is, before anything of it is used.
task<json> connector::inspect(context& ctx, const json& input) {
    const auto sample = static_cast<std::size_t>(sluice::int_option(input, "sample", 5, 0, 100));
    const bool count = sluice::bool_option(input, "count", true);
    task<std::unique_ptr<table>> opening = open_table(ctx, input);
    const std::unique_ptr<table> open = co_await opening;
    findings found;
    while (!look(found, *open, sample, count)) {
        task<void> fetching = open->rows.fetch();
        co_await fetching;
    }
    json output{{"encoding", name_of(open->encoding)},
                {"delimiter", std::string(1, open->rows.form().delimiter)},
                {"names", names_as_json(open->form.names())},
                {"sample", json::array(std::move(found.sample))},
                {"errors", json::array(std::move(found.errors))}};
    if (count) {
        output.set("rows", found.rows);
        output.set("faulty", found.faulty);
    }
    co_return output;
}

}  // namespace csv
