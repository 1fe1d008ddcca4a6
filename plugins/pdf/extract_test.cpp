#include "pdf_testing.hpp"

namespace sluice::pdf::testing {
namespace {

class extract_test : public ::testing::Test {
  protected:
    // A file with as many pages as texts.
    json file_of(const std::vector<std::string>& pages) {
        json sections = json::array();
        for (const std::string& text : pages) {
            // What no page has room for goes to the next one.
            sections.push(json{{"text", text + std::string(60, '\n')}});
        }
        const call_result drawn = host_.run("report", json{{"title", "T"}, {"sections", sections}});
        EXPECT_TRUE(drawn.ok) << drawn.explain();
        return drawn.output["file"];
    }
    json run(const char* action, const json& input) {
        const call_result result = host_.run(action, input);
        EXPECT_TRUE(result.ok) << result.explain();
        return result.output;
    }
    void expect_refused(const std::string& bytes, const std::string& why) {
        const json file = host_.add_blob("application/pdf", bytes);
        for (const char* action : {"extractText", "inspect"}) {
            const call_result result = host_.run(action, json{{"file", file}});
            ASSERT_FALSE(result.ok);
            EXPECT_EQ(result.error.code, SLUICE_INVALID_INPUT) << result.explain();
            EXPECT_NE(result.error.message.find(why), std::string::npos) << result.error.message;
        }
    }

    mock_host host_{sluice_connector_v1};
};

TEST_F(extract_test, gives_the_text_of_each_page) {
    const json output = run("extractText", json{{"file", file_of({"alpha", "beta", "gamma"})}});
    ASSERT_GE(output["items"].size(), 3u);
    EXPECT_EQ(json(output["items"].size()), output["pageCount"]);
    EXPECT_EQ(output["more"], json(false));
    std::string all;
    for (const json& page : output["items"].items())
        all += page["text"].as_string();
    for (const char* word : {"alpha", "beta", "gamma"})
        EXPECT_NE(all.find(word), std::string::npos) << all;
}

TEST_F(extract_test, some_pages_at_a_time_are_all_pages_once) {
    const json file = file_of({"alpha", "beta", "gamma", "delta"});
    std::vector<std::int64_t> seen;
    json cursor;
    for (int calls = 0; calls < 50; ++calls) {
        const json output =
            run("extractText", json{{"file", file}, {"limit", 2}, {"cursor", cursor}});
        for (const json& page : output["items"].items())
            seen.push_back(page["page"].as_int64());
        cursor = output["cursor"];
        if (output["more"] == json(false)) break;
        EXPECT_EQ(output["items"].size(), 2u);
    }
    const json about = run("inspect", json{{"file", file}});
    ASSERT_EQ(static_cast<std::int64_t>(seen.size()), about["pageCount"].as_int64());
    for (std::size_t i = 0; i < seen.size(); ++i)
        EXPECT_EQ(seen[i], static_cast<std::int64_t>(i) + 1);
    const json behind = run("extractText", json{{"file", file}, {"cursor", cursor}});
    EXPECT_TRUE(behind["items"].empty());
    EXPECT_EQ(behind["more"], json(false));
}

TEST_F(extract_test, keeps_the_layout_when_asked) {
    const json columns = json::array({json{{"field", "a"}}, json{{"field", "b"}}});
    const json rows = json::array({json{{"a", "left"}, {"b", "right"}}});
    const json table = json{{"columns", columns}, {"rows", rows}};
    const call_result drawn = host_.run(
        "report", json{{"title", "T"}, {"sections", json::array({json{{"table", table}}})}});
    const auto text = [&](bool layout) {
        const json output =
            run("extractText", json{{"file", drawn.output["file"]}, {"layout", layout}});
        return output["items"][0]["text"].as_string();
    };
    EXPECT_NE(text(true).find("left  "), std::string::npos) << text(true);
    EXPECT_EQ(text(false).find("left  "), std::string::npos) << text(false);
}

TEST_F(extract_test, tells_the_properties) {
    const call_result drawn =
        host_.run("report", json{{"title", "Überblick"}, {"author", "Warehouse"}});
    const json about = run("inspect", json{{"file", drawn.output["file"]}});
    EXPECT_EQ(about["title"], json("Überblick"));
    EXPECT_EQ(about["author"], json("Warehouse"));
    EXPECT_EQ(about["pageCount"], json(1));
    EXPECT_EQ(about["encrypted"], json(false));
    EXPECT_NE(about["pageSize"].as_string().find("A4"), std::string::npos);
}

// pdfinfo prints the texts of the file as they are, and before what it found out.
TEST_F(extract_test, believes_no_line_of_a_title) {
    const std::string title =
        "X\nTagged: no\nPages: 0\nEncrypted: yes\nPage size: 1 x 1 pts\n"
        "PDF version: 9.9";
    const json made = run("report", json{{"title", "T"}, {"author", title}})["file"];
    const json about = run("inspect", json{{"file", made}});
    EXPECT_EQ(about["title"], json("T"));
    EXPECT_EQ(about["author"], json("X"));
    EXPECT_EQ(about["pageCount"], json(1));
    EXPECT_EQ(about["encrypted"], json(false));
    EXPECT_NE(about["pageSize"], json("1 x 1 pts"));
    EXPECT_NE(about["version"], json("9.9"));
    const json output = run("extractText", json{{"file", made}});
    EXPECT_EQ(output["items"].size(), 1u);
    EXPECT_EQ(output["pageCount"], json(1));
}

TEST_F(extract_test, refuses_files_that_cannot_be_read) {
    expect_refused("", "empty");
    expect_refused("this is no PDF", "not a PDF");
    expect_refused("%PDF-1.5\n" + std::string(100'000, '\x01'), "not a PDF");
    const std::string whole = host_.blob_bytes(file_of({"alpha"})).value_or("");
    expect_refused(whole.substr(0, 40), "not a PDF");
}

TEST_F(extract_test, refuses_locked_files) {
    const std::string plain = host_.blob_bytes(file_of({"alpha"})).value_or("");
    int code = 0;
    const std::string locked = ask("qpdf --encrypt user owner 256 -- FILE -", plain, code);
    ASSERT_EQ(code, 0);
    expect_refused(locked, "password");
}

TEST_F(extract_test, refuses_bad_input) {
    const json file = file_of({"alpha"});
    for (const json& input :
         {json::object(), json{{"file", json{{"$blob", "nobody"}}}},
          json{{"file", file}, {"limit", 0}}, json{{"file", file}, {"cursor", "x"}},
          json{{"file", file}, {"cursor", "0"}}}) {
        const call_result result = host_.run("extractText", input);
        ASSERT_FALSE(result.ok) << input.dump();
        EXPECT_EQ(result.error.code, SLUICE_INVALID_INPUT) << result.explain();
    }
}

TEST_F(extract_test, can_be_cancelled_at_each_await) {
    const json input{{"file", file_of({"alpha"})}};
    const unsigned operations = host_.run("extractText", input).operations;
    EXPECT_GT(operations, 0u);
    for (unsigned n = 0; n <= operations; ++n) {
        const call_result result = host_.run_cancelled_at(n, "extractText", input);
        EXPECT_TRUE(result.ok || result.error.code == SLUICE_CANCELLED) << n;
    }
}

}  // namespace
}  // namespace sluice::pdf::testing
