#include <sluice/text_encoding.hpp>

#include "csv_testing.hpp"

namespace csv::testing {
namespace {

using sluice::text_encoding;

std::string in(text_encoding encoding, const std::string& text, bool mark) {
    std::string bytes;
    if (mark) encode_text(bytes, "\xEF\xBB\xBF", encoding);
    EXPECT_FALSE(encode_text(bytes, text, encoding));
    return bytes;
}

// Rows of many lengths, with quotes, ends of lines and characters of one to four bytes.
std::string mixed_rows(std::size_t count, bool narrow, json::array_type* expected = nullptr) {
    std::string text = "id,text\r\n";
    for (std::size_t i = 0; i < count; ++i) {
        std::string value = std::string(i % 97, 'x');
        if (i % 3 == 0) value += narrow ? "\xC3\xA4,\n" : "\xC3\xA4,\n\xF0\x9F\x98\x80\xE2\x82\xAC";
        if (i % 5 == 0) value += "say \"hi\"\r\n";
        std::string quoted;
        for (const char c : value)
            quoted += c == '"' ? "\"\"" : std::string(1, c);
        text += std::to_string(i) + ",\"" + quoted + (i % 2 == 0 ? "\"\r\n" : "\"\n");
        if (expected != nullptr) {
            expected->push_back(json{{"id", std::to_string(i)}, {"text", value}});
        }
    }
    return text;
}

TEST(csv_batches, go_on_exactly_where_the_last_one_ended) {
    json::array_type expected;
    const std::string text = mixed_rows(3000, false, &expected);
    for (const int limit : {1, 7, 1000, 10'000}) {
        if (limit == 1) continue;  // thousands of calls: below, on a smaller file
        mock_host host(sluice_connector_v1);
        const json file = host.add_blob("text/csv", text);
        const all_batches found = parse_all(host, {{"file", file}, {"limit", limit}});
        ASSERT_TRUE(found.last.ok) << found.last.explain();
        EXPECT_EQ(found.items, expected) << limit;
    }
}

TEST(csv_batches, go_on_in_every_encoding) {
    struct {
        text_encoding encoding;
        const char* option;
        bool mark;
        bool narrow;
    } const cases[] = {
        {text_encoding::utf8, "auto", false, false},
        {text_encoding::utf8, "auto", true, false},
        {text_encoding::utf8, "utf-8", true, false},
        {text_encoding::utf16le, "auto", true, false},
        {text_encoding::utf16be, "auto", true, false},
        {text_encoding::utf16be, "utf-16be", false, false},
        {text_encoding::windows1252, "windows-1252", false, true},
        {text_encoding::iso88591, "iso-8859-1", false, true},
    };
    for (const auto& each : cases) {
        json::array_type expected;
        const std::string text = mixed_rows(1500, each.narrow, &expected);
        mock_host host(sluice_connector_v1);
        const json file = host.add_blob("text/csv", in(each.encoding, text, each.mark));
        const all_batches found =
            parse_all(host, {{"file", file}, {"limit", 13}, {"encoding", each.option}});
        ASSERT_TRUE(found.last.ok) << found.last.explain();
        EXPECT_EQ(found.items, expected) << each.option;
        EXPECT_GT(found.calls, 100u);
    }
}

TEST(csv_batches, of_one_row_each_count_lines_and_rows_on) {
    mock_host host(sluice_connector_v1);
    const json file = host.add_blob("text/csv", "a,b\n\"1\n1\",x\n2\n\"3\r3\",y,z\n4,w\n");
    const all_batches found = parse_all(host, {{"file", file}, {"limit", 1}, {"mode", "lenient"}});
    EXPECT_EQ(found.items.size(), 2u);
    ASSERT_EQ(found.errors.size(), 2u);
    EXPECT_EQ(found.errors[0]["line"].dump() + found.errors[0]["row"].dump(), "42");
    EXPECT_EQ(found.errors[1]["line"].dump() + found.errors[1]["row"].dump(), "63");
}

// What a batch reads does not depend on how far into the file it is.
TEST(csv_batches, never_read_the_file_from_its_front_again) {
    mock_host host(sluice_connector_v1);
    const json file = host.add_blob("text/csv", mixed_rows(20'000, false));
    json input{{"file", file}, {"limit", 100}};
    unsigned most = 0;
    for (int i = 0; i < 100; ++i) {
        const call_result result = host.run("parse", input);
        ASSERT_TRUE(result.ok) << result.explain();
        most = std::max(most, result.operations);
        input.set("cursor", result.output["cursor"]);
    }
    EXPECT_LE(most, 2u) << "reads of 64 KiB in one batch";
}

TEST(csv_batches, end_early_when_rows_are_large) {
    mock_host host(sluice_connector_v1);
    std::string text = "a\n";
    for (int i = 0; i < 8; ++i)
        text += std::string(900'000, static_cast<char>('a' + i)) + "\n";
    const json file = host.add_blob("text/csv", text);
    const call_result first = host.run("parse", {{"file", file}});
    ASSERT_TRUE(first.ok) << first.explain();
    EXPECT_EQ(first.output["items"].size(), 2u);
    EXPECT_TRUE(first.output.get_or("more", false));
    const all_batches found = parse_all(host, {{"file", file}});
    EXPECT_EQ(found.items.size(), 8u);
    EXPECT_EQ(found.calls, 5u);
}

TEST(csv_batches, end_early_when_errors_are_many) {
    mock_host host(sluice_connector_v1);
    std::string text = "a,b\n";
    for (int i = 0; i < 250; ++i)
        text += "x\n";
    const all_batches found = parse_all(host, {{"text", text}, {"mode", "lenient"}});
    EXPECT_EQ(found.errors.size(), 250u);
    EXPECT_EQ(found.calls, 3u);
}

TEST(csv_batches, refuse_a_cursor_of_another_file) {
    mock_host host(sluice_connector_v1);
    const json one = host.add_blob("text/csv", "a\n1\n2\n");
    const json other = host.add_blob("text/csv", "a\n1\n");
    const call_result first = host.run("parse", {{"file", one}, {"limit", 1}});
    const call_result second =
        host.run("parse", {{"file", other}, {"cursor", first.output["cursor"]}});
    EXPECT_EQ(second.error.code, SLUICE_INVALID_INPUT) << second.explain();
}

TEST(csv_batches, refuse_names_that_no_cursor_can_hold) {
    mock_host host(sluice_connector_v1);
    std::string header;
    for (int i = 0; i < 7000; ++i)
        header += (i == 0 ? "" : ",") + std::string("column-") + std::to_string(i);
    const call_result result = host.run("parse", {{"text", header + "\n"}});
    EXPECT_EQ(result.error.code, SLUICE_INVALID_INPUT);
    EXPECT_NE(result.error.message.find("'skipLines'"), std::string::npos) << result.explain();
}

TEST(csv_batches, stop_when_the_call_is_cancelled) {
    mock_host host(sluice_connector_v1);
    const json file = host.add_blob("text/csv", mixed_rows(5000, false));
    const json input{{"file", file}, {"limit", 10'000}};
    const unsigned operations = host.run("parse", input).operations;
    EXPECT_GT(operations, 3u);
    for (unsigned n = 0; n <= operations; ++n) {
        const call_result result = host.run_cancelled_at(n, "parse", input);
        EXPECT_TRUE(result.ok || result.error.code == SLUICE_CANCELLED) << n << result.explain();
    }
    EXPECT_TRUE(host.problems().empty());
}

}  // namespace
}  // namespace csv::testing
