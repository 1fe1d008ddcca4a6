#include "record.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace csv {
namespace {

std::string fields_of(const record& row) {
    std::string all;
    for (std::size_t i = 0; i < row.size(); ++i)
        all += "[" + std::string(row[i]) + "]";
    return all;
}

std::vector<std::string> scan_all(std::string_view text, const dialect& form = {}) {
    std::vector<std::string> rows;
    record row;
    for (;;) {
        const scan_result found = scan_record(text, true, form, row);
        if (found.outcome == scan_outcome::end) return rows;
        if (found.outcome == scan_outcome::broken) {
            rows.push_back("broken at " + std::to_string(found.fault.offset));
        } else {
            rows.push_back(fields_of(row));
        }
        text.remove_prefix(found.bytes);
    }
}

using rows = std::vector<std::string>;

TEST(csv_record, splits_what_rfc_4180_shows) {
    EXPECT_EQ(scan_all("aaa,bbb,ccc\r\nzzz,yyy,xxx\r\n"),
              (rows{"[aaa][bbb][ccc]", "[zzz][yyy][xxx]"}));
    EXPECT_EQ(scan_all("aaa,bbb\r\nzzz,yyy"), (rows{"[aaa][bbb]", "[zzz][yyy]"}));
    EXPECT_EQ(scan_all("\"aaa\",\"b\r\nbb\",\"ccc\"\r\n"), (rows{"[aaa][b\r\nbb][ccc]"}));
    EXPECT_EQ(scan_all("\"aaa\",\"b\"\"bb\",\"ccc\""), (rows{"[aaa][b\"bb][ccc]"}));
}

TEST(csv_record, knows_every_end_of_line_and_empty_fields) {
    EXPECT_EQ(scan_all("a\nb\rc\r\nd"), (rows{"[a]", "[b]", "[c]", "[d]"}));
    EXPECT_EQ(scan_all(",\n\n\"\"\n"), (rows{"[][]", "[]", "[]"}));
    EXPECT_EQ(scan_all("a,"), (rows{"[a][]"}));
    EXPECT_EQ(scan_all("\"\"\"\"\"\""), (rows{"[\"\"]"}));
    EXPECT_TRUE(scan_all("").empty());
}

TEST(csv_record, tells_where_a_quote_is_wrong_and_goes_on_at_the_next_line) {
    EXPECT_EQ(scan_all("a,b\"c\nd\n"), (rows{"broken at 3", "[d]"}));
    EXPECT_EQ(scan_all("\"a\"b,c\r\nd\n"), (rows{"broken at 3", "[d]"}));
    EXPECT_EQ(scan_all("x,\"open\nd\ne"), (rows{"broken at 2", "[d]", "[e]"}));
}

TEST(csv_record, trims_and_leaves_quotes_alone_when_told_so) {
    EXPECT_EQ(scan_all(" a , \"b \" ,\tc\n", {.trim = true}), (rows{"[a][b ][c]"}));
    EXPECT_EQ(scan_all("5\" pipe,\"x\n", {.has_quotes = false}), (rows{"[5\" pipe][\"x]"}));
    EXPECT_EQ(scan_all(" a\t b \tc\n", {.delimiter = '\t', .trim = true}), (rows{"[a][b][c]"}));
}

// Wherever a piece ends, the result is that of the whole.
TEST(csv_record, asks_for_more_at_every_cut_that_is_no_end) {
    const std::string text = "a,\"b\r\n\"\"c\",\"\"\r\nnext";
    const std::size_t first = text.find("next");
    const dialect form;
    record row;
    for (std::size_t cut = 0; cut < text.size(); ++cut) {
        const scan_result found =
            scan_record(std::string_view(text).substr(0, cut), false, form, row);
        if (found.outcome == scan_outcome::record) {
            EXPECT_GE(cut, first) << cut;
            EXPECT_EQ(found.bytes, first);
            EXPECT_EQ(fields_of(row), "[a][b\r\n\"c][]");
            EXPECT_EQ(found.lines, 2u);
        } else {
            EXPECT_EQ(found.outcome, scan_outcome::incomplete) << cut;
            EXPECT_LT(cut, first);
        }
    }
}

TEST(csv_record, counts_lines) {
    EXPECT_EQ(count_lines("a\r\nb\rc\nd"), 3u);
    EXPECT_EQ(first_line_size("ab\r\nc"), 4u);
    EXPECT_EQ(first_line_size("ab"), 2u);
}

TEST(csv_dialect, finds_the_delimiter) {
    EXPECT_EQ(detect_delimiter("a;b;c\n1,5;2;3\n", true, {}), ';');
    EXPECT_EQ(detect_delimiter("a\tb\n1\t2\n", true, {}), '\t');
    EXPECT_EQ(detect_delimiter("a|b\n\"x|y\"|2\n", true, {}), '|');
    EXPECT_EQ(detect_delimiter("only\none\n", true, {}), ',');
    EXPECT_EQ(detect_delimiter("", true, {}), ',');
}

}  // namespace
}  // namespace csv
