#include "csv_testing.hpp"

namespace csv::testing {
namespace {

std::string written(json input) {
    mock_host host(sluice_connector_v1);
    const call_result result = host.run("write", input);
    if (!result.ok) return result.error.message;
    if (input.get_or("as", "") == "text") return result.output.get_or("text", "");
    return host.blob_bytes(result.output["file"]).value_or("no file");
}

const json people = json::array({json{{"id", 1}, {"name", "Ada"}},
                                 json{{"id", 2}, {"name", "say \"hi\",\nbye"}, {"extra", true}}});

TEST(csv_write, writes_what_rfc_4180_shows) {
    EXPECT_EQ(written({{"items", people}}),
              "id,name,extra\r\n1,Ada,\r\n2,\"say \"\"hi\"\",\nbye\",true\r\n");
    EXPECT_EQ(written({{"items", people}, {"as", "text"}, {"lineEnd", "lf"}, {"delimiter", ";"}}),
              "id;name;extra\n1;Ada;\n2;\"say \"\"hi\"\",\nbye\";true\n");
}

TEST(csv_write, takes_columns_titles_and_arrays) {
    const json columns = json::array({json{{"name", "name"}, {"title", "Name"}}, "id"});
    EXPECT_EQ(written({{"items", json::array({people[0]})}, {"columns", columns}}),
              "Name,id\r\nAda,1\r\n");
    EXPECT_EQ(written({{"items", json::array({json::array({1, json(), 0.5})})}}), "1,,0.5\r\n");
    EXPECT_EQ(written({{"items", json::array()}, {"columns", columns}}), "Name,id\r\n");
    EXPECT_EQ(written({{"items", json::array()}}), "");
    EXPECT_EQ(written({{"items", people}, {"header", false}, {"columns", json::array({"id"})}}),
              "1\r\n2\r\n");
}

TEST(csv_write, quotes_as_it_is_told) {
    const json items = json::array({json{{"a", "x"}, {"b", 1}, {"c", json()}, {"d", " pad"}}});
    const std::string minimal = written({{"items", items}, {"header", false}});
    EXPECT_EQ(minimal, "x,1,,\" pad\"\r\n");
    EXPECT_EQ(written({{"items", items}, {"header", false}, {"quoting", "text"}}),
              "\"x\",1,,\" pad\"\r\n");
    EXPECT_EQ(written({{"items", items}, {"header", false}, {"quoting", "all"}}),
              "\"x\",\"1\",\"\",\" pad\"\r\n");
}

TEST(csv_write, keeps_a_spreadsheet_from_running_text) {
    json::array_type items;
    for (const char* text : {"=1+1", "+1", "-1", "@x", "\tx", "x=1"})
        items.push_back(json{{"v", text}});
    items.push_back(json{{"v", -5}});
    const json input{{"items", json::array(items)}, {"header", false}, {"lineEnd", "lf"}};
    EXPECT_EQ(written(json(input).set("escapeFormulas", true)),
              "'=1+1\n'+1\n'-1\n'@x\n'\tx\nx=1\n-5\n");
    EXPECT_EQ(written(input), "=1+1\n+1\n-1\n@x\n\tx\nx=1\n-5\n");
}

TEST(csv_write, writes_nested_values_as_json_and_numbers_exactly) {
    const json items = json::array({json{{"list", json::array({1, 2})},
                                         {"big", json::number("12345678901234567890.10")},
                                         {"no", false}}});
    EXPECT_EQ(written({{"items", items}, {"header", false}}),
              "\"[1,2]\",12345678901234567890.10,false\r\n");
}

TEST(csv_write, writes_in_other_encodings) {
    const json items = json::array({json{{"a", "\xE2\x82\xAC"}}});
    EXPECT_EQ(written({{"items", items}, {"header", false}, {"encoding", "windows-1252"}}),
              "\x80\r\n");
    EXPECT_EQ(written({{"items", items}, {"header", false}, {"encoding", "utf-16le"}}),
              std::string("\xFF\xFE\xAC\x20\r\0\n\0", 8));
    EXPECT_EQ(written({{"items", items}, {"header", false}, {"byteOrderMark", true}}),
              "\xEF\xBB\xBF\xE2\x82\xAC\r\n");
    EXPECT_EQ(written({{"items", items}, {"encoding", "iso-8859-1"}}),
              "row 1: '\xE2\x82\xAC' is not in iso-8859-1");
}

TEST(csv_write, refuses_what_is_no_row) {
    mock_host host(sluice_connector_v1);
    const json bad[] = {
        json::object(),
        json{{"items", 1}},
        json{{"items", json::array({1})}},
        json{{"items", json::array({json::object()})}},
        json{{"items", json::array({json::array({1})})}, {"columns", json::array({"a", "b"})}},
        json{{"items", people}, {"columns", json::array()}},
        json{{"items", people}, {"columns", json::array({7})}},
        json{{"items", people}, {"columns", json::array({json{{"name", "a"}, {"title", 7}}})}},
        json{{"items", people}, {"quoting", "some"}},
        json{{"items", people}, {"quote", ""}},
        json{{"items", people}, {"as", "text"}, {"encoding", "utf-16le"}},
        json{{"items", people}, {"encoding", "iso-8859-1"}, {"byteOrderMark", true}},
    };
    for (const json& input : bad) {
        EXPECT_EQ(host.run("write", input).error.code, SLUICE_INVALID_INPUT) << input.dump();
    }
}

TEST(csv_write, reads_back_what_it_wrote) {
    json::array_type items;
    for (int i = 0; i < 20'000; ++i) {
        std::string text = "v" + std::to_string(i);
        if (i % 7 == 0) text += "\"\r\n,;\t'";
        if (i % 11 == 0) text = "";
        items.push_back(json{{"text", text}});
    }
    for (const char* encoding : {"utf-8", "utf-16be", "windows-1252"}) {
        mock_host host(sluice_connector_v1);
        const call_result made =
            host.run("write", {{"items", json::array(items)}, {"encoding", encoding}});
        ASSERT_TRUE(made.ok) << made.explain();
        const json file = host.add_blob("text/csv", *host.blob_bytes(made.output["file"]));
        const all_batches found =
            parse_all(host, {{"file", file}, {"encoding", encoding}, {"delimiter", ","}});
        EXPECT_EQ(found.items, items) << encoding << found.last.explain();
    }
}

TEST(csv_write, leaves_no_half_file_when_cancelled) {
    mock_host host(sluice_connector_v1);
    json::array_type items(3000, json{{"text", std::string(300, 'x')}});
    const json input{{"items", json::array(items)}};
    const unsigned operations = host.run("write", input).operations;
    EXPECT_GE(operations, 3u);
    for (unsigned n = 0; n <= operations; ++n) {
        const call_result result = host.run_cancelled_at(n, "write", input);
        EXPECT_TRUE(result.ok || result.error.code == SLUICE_CANCELLED) << result.explain();
    }
    EXPECT_TRUE(host.problems().empty());
}

}  // namespace
}  // namespace csv::testing
