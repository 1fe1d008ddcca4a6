// What a report consists of, read from an action's input.
#pragma once

#include <sluice/connector.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace sluice::pdf {

// Lengths are points: 1/72 inch.
struct page_setup {
    double width = 0;
    double height = 0;
    double margin = 0;
    std::string font;
    double font_size = 0;
};

enum class alignment : unsigned char { start, center, end };

struct table_column {
    std::string title;
    std::string field;
    double share = 1;  // of the table's width, beside the other columns' shares
    alignment align = alignment::start;
    bool align_given = false;  // numbers stand at the end unless it says otherwise
    int decimals = -1;         // -1: numbers as they are
};

struct table {
    std::vector<table_column> columns;
    json rows;    // an array of objects
    json totals;  // an object, or null
};

struct section {
    std::string heading;
    std::string text;
    std::vector<std::pair<std::string, std::string>> facts;
    std::vector<table> tables;  // none or one
};

struct report_input {
    std::string title;
    std::string subtitle;
    std::string author;
    std::string header;
    std::string footer;      // {page} and {pages} stand for numbers
    std::string created_at;  // ISO 8601, for the file's properties; empty: now
    page_setup page;
    std::vector<section> sections;
};

// Throws SLUICE_INVALID_INPUT with the place of what is wrong.
report_input read_report(const json& input);

// How a value stands in a cell.
std::string cell_text(const json& value, const table_column& column);

}  // namespace sluice::pdf
