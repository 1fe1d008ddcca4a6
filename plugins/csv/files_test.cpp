#include "csv_testing.hpp"

namespace csv::testing {
namespace {

TEST(csv_inspect, tells_what_kind_of_file_it_is) {
    mock_host host(sluice_connector_v1);
    const json file = host.add_blob("text/csv", "\xEF\xBB\xBFid|name\n1|a\n2|b\nx\n3|c\n");
    const call_result result = host.run("inspect", {{"file", file}, {"sample", 2}});
    ASSERT_TRUE(result.ok) << result.explain();
    const json& found = result.output;
    EXPECT_EQ(found.get_or("encoding", ""), "utf-8");
    EXPECT_EQ(found.get_or("delimiter", ""), "|");
    EXPECT_EQ(found["names"].dump(), R"(["id","name"])");
    EXPECT_EQ(found["sample"].dump(), R"([{"id":"1","name":"a"},{"id":"2","name":"b"}])");
    EXPECT_EQ(found.get_or("rows", 0), 4);
    EXPECT_EQ(found.get_or("faulty", 0), 1);
    EXPECT_EQ(found["errors"][0].get_or("line", 0), 4);
}

TEST(csv_inspect, reads_only_the_front_when_rows_are_not_counted) {
    mock_host host(sluice_connector_v1);
    std::string text = "a,b\n";
    for (int i = 0; i < 100'000; ++i)
        text += "1,2\n";
    const json file = host.add_blob("text/csv", text);
    const call_result front = host.run("inspect", {{"file", file}, {"count", false}});
    EXPECT_FALSE(front.output.contains("rows"));
    EXPECT_EQ(front.output["sample"].size(), 5u);
    EXPECT_LE(front.operations, 2u);
    const call_result whole = host.run("inspect", {{"file", file}});
    EXPECT_EQ(whole.output.get_or("rows", 0), 100'000);
    std::string faulty = "a,b\n";
    for (int i = 0; i < 100'000; ++i)
        faulty += "1\n";
    const json bad = host.add_blob("text/csv", faulty);
    const call_result nothing = host.run("inspect", {{"file", bad}, {"count", false}});
    EXPECT_EQ(nothing.output["errors"].size(), 20u);
    EXPECT_LE(nothing.operations, 2u);
}

std::string joined(const std::vector<std::string>& files, json options = json::object()) {
    mock_host host(sluice_connector_v1);
    json::array_type list;
    for (const std::string& bytes : files)
        list.push_back(host.add_blob("text/csv", bytes));
    const call_result result =
        host.run("concatenate", options.set("files", json::array(std::move(list))));
    if (!result.ok) return result.error.message;
    return host.blob_bytes(result.output["file"]).value_or("no file");
}

TEST(csv_concatenate, keeps_one_header) {
    EXPECT_EQ(joined({"a,b\n1,2\n", "a,b\n3,4", "a,b\r\n", "\"a\",b\n5,6\n"}),
              "a,b\n1,2\n3,4\r\n5,6\n");
    EXPECT_EQ(joined({"1,2", "3,4"}, {{"header", false}}), "1,2\r\n3,4");
    EXPECT_EQ(joined({"\xEF\xBB\xBF"
                      "a\n1\n",
                      "\xEF\xBB\xBF"
                      "a\n2\n"}),
              "\xEF\xBB\xBF"
              "a\n1\n2\n");
    EXPECT_EQ(joined({std::string("\xFF\xFE"
                                  "a\0\n\0001\0",
                                  8),
                      std::string("\xFF\xFE"
                                  "a\0\n\0002\0",
                                  8)}),
              std::string("\xFF\xFE"
                          "a\0\n\0001\0\r\0\n\0002\0",
                          14));
}

TEST(csv_concatenate, passes_over_files_of_nothing) {
    EXPECT_EQ(joined({"", "a,b\n1,2\n", "", "\n\n", "a,b\n3,4\n"}), "a,b\n1,2\n3,4\n");
    EXPECT_EQ(joined({"\xEF\xBB\xBF", "a\n1"}), "a\n1");
    EXPECT_EQ(joined({"", "1,2", "", "3,4"}, {{"header", false}}), "1,2\r\n3,4");
    EXPECT_EQ(joined({"", ""}), "");
    const std::string wide(
        "\xFF\xFE"
        "a\0\n\0001\0",
        8);
    EXPECT_EQ(joined({"", wide, ""}), wide);
    // A file of nothing but its header has that of the others.
    EXPECT_EQ(joined({"a,b\n", "", "a,c\n1,2\n"}), "file 3 has another header than the first one");
}

TEST(csv_concatenate, refuses_files_that_do_not_fit) {
    EXPECT_EQ(joined({"a,b\n1,2\n", "a,c\n1,2\n"}), "file 2 has another header than the first one");
    EXPECT_EQ(joined({"a,b\n1,2\n", "a;b\n1;2\n"}), "file 2 has another header than the first one");
    EXPECT_EQ(joined({"a\n1\n", std::string("\xFF\xFE"
                                            "a\0",
                                            4)}),
              "file 2 is in utf-16le, the first one in utf-8");
    EXPECT_EQ(joined({}), "'files' must be 1 to 10000 files");
}

TEST(csv_concatenate, passes_on_files_larger_than_its_pieces) {
    const std::string rows(700'000, 'x');
    EXPECT_EQ(joined({"a\n" + rows + "\n", "a\n" + rows}), "a\n" + rows + "\n" + rows);
}

}  // namespace
}  // namespace csv::testing
