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
