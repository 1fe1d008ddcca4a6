#include "csv_testing.hpp"

namespace csv::testing {
namespace {

TEST(csv_parse, makes_objects_by_the_header) {
    const call_result result = parse_text("id;name\r\n1;Ada\r\n2;\"Grace; Hopper\"\r\n");
    EXPECT_EQ(items_of(result), R"([{"id":"1","name":"Ada"},{"id":"2","name":"Grace; Hopper"}])");
    EXPECT_FALSE(result.output.get_or("more", true));
    EXPECT_EQ(result.output.get_or("rows", 0), 2);
    EXPECT_EQ(result.output["names"].dump(), R"(["id","name"])");
}

TEST(csv_parse, takes_names_from_the_input_or_makes_arrays) {
    EXPECT_EQ(items_of(parse_text("1,2\n", {{"header", json::array({"a", "b"})}})),
              R"([{"a":"1","b":"2"}])");
    EXPECT_EQ(items_of(parse_text("1,2\n3\n", {{"header", false}})), R"([["1","2"],["3"]])");
}

TEST(csv_parse, finds_nothing_in_nothing) {
    for (const char* text : {"", "\n\n", "a,b\n", "\xEF\xBB\xBF"}) {
        const call_result result = parse_text(text);
        EXPECT_EQ(items_of(result), "[]") << text;
        EXPECT_FALSE(result.output.get_or("more", true));
        EXPECT_TRUE(result.output["cursor"].is_string());
    }
}

TEST(csv_parse, numbers_names_that_are_there_twice_or_refuses_them) {
    const call_result refused = parse_text("a,b,a\n1,2,3\n");
    EXPECT_EQ(refused.error.code, SLUICE_INVALID_INPUT);
    EXPECT_EQ(refused.error.message, "line 1, column 5: the header has the column 'a' twice");
    EXPECT_EQ(parse_text("a,\n1,2\n").error.message,
              "line 1, column 3: the header has a column without a name");
    EXPECT_EQ(items_of(parse_text("a,,a,a_2\n1,2,3,4\n", {{"duplicateNames", "number"}})),
              R"([{"a":"1","column_2":"2","a_2":"3","a_2_2":"4"}])");
}

TEST(csv_parse, says_where_a_row_is_wrong) {
    const std::pair<const char*, const char*> wrong[] = {
        {"a,b\n1,2\n1\n", "line 3, column 1: the row has 1 fields, the header 2"},
        {"a,b\n\"x\ny\",2,\xC3\xA4\n", "line 3, column 6: the row has 3 fields, the header 2"},
        {"a,b\n\xC3\xA4,x\"y\n",
         "line 2, column 4: a quote inside a field that does not begin with one"},
        {"a\n\"x\n\ny", "line 2, column 1: this quote is never closed"},
    };
    for (const auto& [text, message] : wrong) {
        const call_result result = parse_text(text);
        EXPECT_EQ(result.error.code, SLUICE_INVALID_INPUT) << text;
        EXPECT_EQ(result.error.message, message);
        EXPECT_GT(result.error.details.get_or("line", 0), 0);
    }
}

TEST(csv_parse, refuses_bytes_that_are_no_text) {
    mock_host host(sluice_connector_v1);
    const auto parse = [&](const std::string& bytes, const char* encoding) {
        const json file = host.add_blob("text/csv", bytes);
        return host.run("parse", json{{"file", file}, {"encoding", encoding}}).error.message;
    };
    EXPECT_EQ(parse("a\nx\xFFy\n", "auto"), "line 2, column 2: this is no text in utf-8");
    EXPECT_EQ(parse("a\xC3\n", "auto"), "line 1, column 2: this is no text in utf-8");
    // UTF-16 without its mark, and a mark of UTF-32 that begins like one of UTF-16.
    const std::string hint =
        "line 1, column 2: U+0000 is in no text; UTF-16 without its mark needs "
        "'encoding', UTF-32 and binary files cannot be read";
    EXPECT_EQ(parse(std::string("a\0\n\0x\0\n\0", 8), "auto"), hint);
    EXPECT_EQ(parse(std::string("\xFF\xFE\0\0a\0\0\0", 8), "auto").find("line 1, column 1: U+0000"),
              0u);
    EXPECT_EQ(parse(std::string("a\n\0\n", 4), "utf-8").find("line 2, column 1: U+0000"), 0u);
    // A lone surrogate, and half a character at the end.
    EXPECT_EQ(parse(std::string("a\0\n\0x\0\x00\xD8\n\0", 10), "utf-16le"),
              "line 2, column 2: this is no text in utf-16le");
    EXPECT_EQ(parse(std::string("a\0\n\0x", 5), "utf-16le"),
              "the file ends in the middle of a character of utf-16le");
}

TEST(csv_parse, goes_on_past_faulty_rows_when_lenient) {
    const call_result result =
        parse_text("id,name\n1,Ada\nonly\n2,b\"ad\n3,\"x\ny\"\n4,5,6\n7,\"open\n8,end\n",
                   {{"mode", "lenient"}});
    EXPECT_EQ(items_of(result), R"([{"id":"1","name":"Ada"},{"id":"3","name":"x\ny"},)"
                                R"({"id":"8","name":"end"}])");
    std::string found;
    for (const json& error : result.output["errors"].items()) {
        found +=
            error["line"].dump() + ":" + error["column"].dump() + "/" + error["row"].dump() + " ";
    }
    EXPECT_EQ(found, "3:1/2 4:4/3 7:5/5 8:3/6 ");
    EXPECT_EQ(result.output.get_or("rows", 0), 7);
}

// A quote that is not closed in its line may find its end in a later row.
TEST(csv_parse, loses_no_good_row_to_an_open_quote) {
    const call_result result =
        parse_text("id,name\n1,\"open\n2,good\n3,\"quoted\"\n4,good", {{"mode", "lenient"}});
    EXPECT_EQ(items_of(result), R"([{"id":"2","name":"good"},{"id":"3","name":"quoted"},)"
                                R"({"id":"4","name":"good"}])");
    ASSERT_EQ(result.output["errors"].size(), 1u);
    EXPECT_EQ(result.output["errors"][0]["line"], json(2));
    EXPECT_EQ(result.output["errors"][0]["column"], json(3));
}

// What stands in a field is no row, however long the field is and wherever a piece of it ends.
TEST(csv_parse, reads_no_rows_out_of_a_field_that_is_too_long) {
    for (const std::size_t length : {120u, 65'400u, 900'000u}) {
        const std::string text = "id,note\n1,\"" + std::string(length, 'x') +
                                 "\n2,evil\n\"\n3,good\n4,good\n5,\"q\"\n6,last";
        for (const int limit : {1, 1000}) {
            mock_host host(sluice_connector_v1);
            const json file = host.add_blob("text/csv", text);
            const all_batches found = parse_all(
                host,
                {{"file", file}, {"limit", limit}, {"maxRowBytes", 100}, {"mode", "lenient"}});
            ASSERT_TRUE(found.last.ok) << found.last.explain();
            EXPECT_EQ(json::array(found.items).dump(),
                      R"([{"id":"3","note":"good"},{"id":"4","note":"good"},)"
                      R"({"id":"5","note":"q"},{"id":"6","note":"last"}])")
                << length;
            ASSERT_EQ(found.errors.size(), 1u);
            EXPECT_EQ(found.errors[0]["line"], json(2));
        }
    }
}

TEST(csv_parse, counts_lines_behind_a_row_that_is_too_long) {
    const call_result result =
        parse_text("id\n\"" + std::string(200, 'x') + "\n\r\n\"\nok\nno,no\n",
                   {{"maxRowBytes", 100}, {"mode", "lenient"}});
    EXPECT_EQ(items_of(result), R"([{"id":"ok"}])");
    ASSERT_EQ(result.output["errors"].size(), 2u);
    EXPECT_EQ(result.output["errors"][1]["line"], json(6));
}

// Without an end near, a row is its first line; that may end with the last byte of what is in
// memory, with a line feed still to come.
TEST(csv_parse, goes_on_at_the_line_behind_a_quote_that_is_never_closed) {
    constexpr std::size_t in_memory = 17 * 64 * 1024;  // the first pieces beyond 1 MiB + 100
    for (const std::string end : {"\r", "\n", "\r\n"}) {
        std::string text = "a\n\"";
        text.append(in_memory - 1 - text.size(), 'x');
        text += end + "2" + end + "3,3" + end;
        mock_host host(sluice_connector_v1);
        const json file = host.add_blob("text/csv", text);
        const call_result result =
            host.run("parse", {{"file", file}, {"maxRowBytes", 100}, {"mode", "lenient"}});
        EXPECT_EQ(items_of(result), R"([{"a":"2"}])");
        ASSERT_EQ(result.output["errors"].size(), 2u);
        EXPECT_EQ(result.output["errors"][1]["line"], json(4));
    }
}

TEST(csv_parse, fills_short_rows_when_told_so) {
    EXPECT_EQ(items_of(parse_text("a,b\n1\n", {{"shortRows", "fill"}})), R"([{"a":"1","b":""}])");
    EXPECT_FALSE(parse_text("a,b\n1,2,3\n", {{"shortRows", "fill"}}).ok);
}

TEST(csv_parse, converts_by_column_exactly) {
    const json types{{"i", "integer"},
                     {"n", "number"},
                     {"b", "boolean"},
                     {"d", json{{"type", "date"}, {"format", "DD.MM.YYYY hh:mm"}}}};
    const call_result result = parse_text("i;n;b;d;t\n-7;+0012,5;Yes;31.01.2026 08:05;07\n;;;;\n",
                                          {{"types", types}, {"decimal", ","}, {"delimiter", ";"}});
    EXPECT_EQ(items_of(result), R"([{"i":-7,"n":12.5,"b":true,"d":"2026-01-31T08:05:00","t":"07"},)"
                                R"({"i":null,"n":null,"b":null,"d":null,"t":""}])");
}

TEST(csv_parse, says_which_value_is_of_another_type) {
    const std::pair<const char*, const char*> wrong[] = {
        {"integer", "1.5"},   {"integer", "9223372036854775808"},
        {"number", "1,5"},    {"number", "abc"},
        {"number", "1e"},     {"number", "-"},
        {"integer", "+-5"},   {"number", "+-5"},
        {"boolean", "maybe"}, {"date", "2026-02-30"},
        {"date", "2026-1-1"}, {"date", "2026-01-01x"}};
    for (const auto& [type, text] : wrong) {
        const call_result result = parse_text("id;v\n1;" + std::string(text) + "\n",
                                              {{"types", json{{"v", type}}}, {"delimiter", ";"}});
        EXPECT_EQ(result.error.code, SLUICE_INVALID_INPUT) << type << " " << text;
        EXPECT_EQ(result.error.message.find("line 2, column 3: '" + std::string(text) + "' in"), 0u)
            << result.error.message;
    }
}

TEST(csv_parse, refuses_options_that_cannot_work) {
    const json bad[] = {
        json{{"delimiter", ",,"}},
        json{{"delimiter", "\n"}},
        json{{"delimiter", "\""}},
        json{{"delimiter", 7}},
        json{{"quote", "ab"}},
        json{{"encoding", "ebcdic"}},
        json{{"encoding", "utf-16le"}},
        json{{"header", 1}},
        json{{"header", json::array()}},
        json{{"header", json::array({"a", "a"})}},
        json{{"limit", 0}},
        json{{"limit", "all"}},
        json{{"mode", "kind"}},
        json{{"types", json{{"nobody", "text"}}}},
        json{{"types", json{{"a", "float"}}}},
        json{{"types", json::array()}},
        json{{"header", false}, {"types", json{{"a", "text"}}}},
        json{{"trim", "yes"}},
        json{{"maxRowBytes", 0}},
        json{{"file", json{{"$blob", "1"}}}},
        json{{"cursor", "x"}},
        json{{"cursor", "{}"}},
        json{{"cursor", 7}},
        json{{"cursor",
              R"({"at":99999,"line":1,"rows":0,"size":8,"encoding":"utf-8","delimiter":","})"}},
        json{{"cursor",
              R"({"at":-1,"line":1,"rows":0,"size":8,"encoding":"utf-8","delimiter":","})"}},
    };
    for (const json& options : bad) {
        const call_result result = parse_text("a,b\n1,2\n", options);
        EXPECT_EQ(result.error.code, SLUICE_INVALID_INPUT) << options.dump() << result.explain();
    }
    mock_host host(sluice_connector_v1);
    EXPECT_EQ(host.run("parse", json::object()).error.code, SLUICE_INVALID_INPUT);
    EXPECT_EQ(host.run("parse", {{"text", 7}}).error.code, SLUICE_INVALID_INPUT);
    EXPECT_EQ(host.run("parse", {{"file", json{{"$blob", "gone"}}}}).error.code,
              SLUICE_INVALID_INPUT);
}

TEST(csv_parse, skips_lines_above_the_header_and_blank_ones) {
    EXPECT_EQ(items_of(parse_text("Report \"of\nMay\r\na,b\r\n\r\n1,2\r\n", {{"skipLines", 2}})),
              R"([{"a":"1","b":"2"}])");
    EXPECT_EQ(items_of(parse_text("a\n\n1\n", {{"skipBlankLines", false}})),
              R"([{"a":""},{"a":"1"}])");
    EXPECT_EQ(items_of(parse_text("x\n", {{"skipLines", 5}})), "[]");
}

TEST(csv_parse, bounds_the_length_of_a_row) {
    const std::string text = "a\n" + std::string(200, 'x') + "\nok\n";
    const call_result strict = parse_text(text, {{"maxRowBytes", 100}});
    EXPECT_EQ(strict.error.code, SLUICE_INVALID_INPUT);
    EXPECT_EQ(strict.error.message.find("line 2, column 1: a row of more than 100"), 0u);
    const call_result lenient = parse_text(text, {{"maxRowBytes", 100}, {"mode", "lenient"}});
    EXPECT_EQ(items_of(lenient), R"([{"a":"ok"}])");
    // A quote that is never closed must not take the memory of the whole file.
    mock_host host(sluice_connector_v1);
    const json file = host.add_blob("text/csv", "a\n\"" + std::string(3 << 20, 'x'));
    const call_result endless = host.run("parse", {{"file", file}, {"mode", "lenient"}});
    EXPECT_EQ(endless.error.code, SLUICE_INVALID_INPUT);
    EXPECT_NE(endless.error.message.find("never closed"), std::string::npos);
}

}  // namespace
}  // namespace csv::testing
