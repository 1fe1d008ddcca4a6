#include "dialect.hpp"

#include <sluice/option.hpp>
#include <string>
#include <tuple>

#include "record.hpp"

namespace csv {

using sluice::failure;

namespace {

// One ASCII character that does not end lines.
char read_character(const json& input, const char* key) {
    const std::string text = sluice::string_option(input, key, "");
    const bool fits = text.size() == 1 && static_cast<unsigned char>(text[0]) < 0x80 &&
                      text[0] != '\r' && text[0] != '\n' && text[0] != '\0';
    if (!fits) {
        throw failure(SLUICE_INVALID_INPUT,
                      std::string("'") + key + "' must be one ASCII character that ends no line");
    }
    return text[0];
}

struct agreement {
    std::size_t rows = 0;  // as many as have the columns of the first one
    std::size_t columns = 0;
};

// Of the first rows of the sample. Nothing when less than two columns or hardly any row agrees.
agreement agreement_of(std::string_view sample, bool complete, const dialect& form) {
    constexpr std::size_t enough_rows = 20;
    record row;
    agreement found;
    std::size_t rows = 0;
    while (rows < enough_rows) {
        const scan_result next = scan_record(sample, complete, form, row);
        if (next.outcome == scan_outcome::end || next.outcome == scan_outcome::incomplete) break;
        sample.remove_prefix(next.bytes);
        const bool whole = next.outcome == scan_outcome::record;
        if (whole && row.is_blank()) continue;
        ++rows;
        if (!whole) continue;
        if (found.columns == 0) found.columns = row.size();
        if (row.size() == found.columns) ++found.rows;
    }
    return found.columns > 1 && found.rows * 2 > rows ? found : agreement{};
}

}  // namespace

bool is_delimiter_open(const json& input) {
    return input["delimiter"].is_null() || input.get_or("delimiter", "") == "auto";
}

dialect read_dialect(const json& input) {
    dialect form;
    if (!is_delimiter_open(input)) form.delimiter = read_character(input, "delimiter");
    if (!input["quote"].is_null()) {
        form.has_quotes = !sluice::string_option(input, "quote", "").empty();
        if (form.has_quotes) form.quote = read_character(input, "quote");
    }
    if (form.has_quotes && form.quote == form.delimiter) {
        throw failure(SLUICE_INVALID_INPUT, "'quote' and 'delimiter' must differ");
    }
    form.trim = sluice::bool_option(input, "trim", false);
    form.skip_blank = sluice::bool_option(input, "skipBlankLines", true);
    return form;
}

char detect_delimiter(std::string_view sample, bool complete, const dialect& others) {
    char best = ',';
    agreement most;
    for (const char candidate : known_delimiters) {
        dialect form = others;
        form.delimiter = candidate;
        const agreement found = agreement_of(sample, complete, form);
        if (std::tie(found.rows, found.columns) > std::tie(most.rows, most.columns)) {
            most = found;
            best = candidate;
        }
    }
    return best;
}

}  // namespace csv
