#include <cairo-pdf.h>

#include <algorithm>

#include "pdf_testing.hpp"
#include "report_layout.hpp"

namespace sluice::pdf::testing {
namespace {

class report_test : public ::testing::Test {
  protected:
    // The bytes of a report that must come about.
    std::string draw(const json& input) {
        result_ = host_.run("report", input);
        EXPECT_TRUE(result_.ok) << result_.explain();
        return result_.ok ? host_.blob_bytes(result_.output["file"]).value_or("") : "";
    }
    std::string refusal(const json& input) {
        const call_result result = host_.run("report", input);
        EXPECT_FALSE(result.ok);
        if (result.ok) return "";
        EXPECT_EQ(result.error.code, SLUICE_INVALID_INPUT);
        return result.error.message;
    }
    static json table(int rows, const std::string& cell = "row") {
        json list = json::array();
        for (int i = 0; i < rows; ++i)
            list.push(json{{"name", cell + std::to_string(i)}, {"count", i}});
        const json columns = json::array({json{{"field", "name"}, {"title", "Nameshead"}},
                                          json{{"field", "count"}, {"decimals", 2}}});
        return json{{"columns", columns}, {"rows", list}};
    }
    static json with_table(const json& what) {
        return json{{"title", "Stock"}, {"sections", json::array({json{{"table", what}}})}};
    }
    static std::size_t occurrences(const std::string& text, const std::string& what) {
        std::size_t count = 0;
        for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1))
            ++count;
        return count;
    }

    mock_host host_{sluice_connector_v1};
    call_result result_;
};

TEST_F(report_test, is_a_sound_pdf_with_all_it_was_given) {
    const json facts = json::array(
        {json{{"label", "Site"}, {"value", "Berlin"}}, json{{"label", "Shelves"}, {"value", 12}}});
    const std::string bytes = draw(json{
        {"title", "Stock"},
        {"subtitle", "of the week"},
        {"author", "Warehouse"},
        {"header", "Acme"},
        {"sections", json::array({json{{"heading", "Place"}, {"facts", facts}},
                                  json{{"text", "All is well."}}, json{{"table", table(2)}}})}});
    int code = 1;
    const std::string said = ask("qpdf --check FILE", bytes, code);
    EXPECT_EQ(code, 0) << said;
    const std::string text = text_of(bytes);
    for (const char* part : {"Stock", "of the week", "Acme", "Place", "Site", "Berlin", "12",
                             "All is well.", "Nameshead", "row1", "1.00", "Page 1 of 1"}) {
        EXPECT_NE(text.find(part), std::string::npos) << part << " in " << text;
    }
    EXPECT_NE(ask("pdfinfo FILE", bytes, code).find("Warehouse"), std::string::npos);
    EXPECT_EQ(result_.output["pageCount"], json(1));
    EXPECT_EQ(result_.output["file"]["contentType"], json("application/pdf"));
}

TEST_F(report_test, long_tables_go_on_over_pages_with_their_head_and_lose_no_row) {
    const std::string bytes = draw(with_table(table(300)));
    const std::int64_t pages = result_.output["pageCount"].as_int64();
    EXPECT_GT(pages, 4);
    const std::string text = text_of(bytes);
    EXPECT_EQ(occurrences(text, "Nameshead"), static_cast<std::size_t>(pages));
    EXPECT_EQ(occurrences(text, "\f"), static_cast<std::size_t>(pages));
    for (int row = 0; row < 300; ++row) {
        EXPECT_EQ(occurrences(text, "row" + std::to_string(row) + "\n"), 1u) << row;
    }
    const std::string last = "Page " + std::to_string(pages) + " of " + std::to_string(pages);
    EXPECT_EQ(occurrences(text, last + "\n"), 1u) << text.substr(text.size() - 200);
}

TEST_F(report_test, cells_longer_than_a_page_are_split_and_complete) {
    std::string words;
    for (int i = 0; i < 3'000; ++i)
        words += "w" + std::to_string(i) + " ";
    const json row = json{{"name", words}, {"count", 1}};
    json what = table(0);
    what.set("rows", json::array({row}));
    const std::string text = text_of(draw(with_table(what)));
    EXPECT_GT(result_.output["pageCount"].as_int64(), 1);
    for (int i = 0; i < 3'000; i += 7)
        EXPECT_NE(text.find("w" + std::to_string(i)), std::string::npos) << i;
}

TEST_F(report_test, words_without_blanks_stay_inside_their_column) {
    json what = table(0);
    const json columns = json::array({json{{"field", "name"}}, json{{"field", "code"}}});
    what.set("columns", columns);
    what.set("rows", json::array({json{{"name", std::string(400, 'x')}, {"code", "beside"}}}));
    const std::string text = text_of(draw(with_table(what)), "-layout");
    const auto longest = [&] {
        std::size_t most = 0;
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t end = text.find_first_not_of('x', at);
            most = std::max(most, std::min(end, text.size()) - at);
            at = std::min(end, text.size()) + 1;
        }
        return most;
    }();
    EXPECT_EQ(std::ranges::count(text, 'x'), 400);
    EXPECT_LT(longest, 100u) << text;
}

TEST_F(report_test, draws_other_scripts) {
    const std::string text = text_of(draw(json{
        {"title", "Отчёт"}, {"sections", json::array({json{{"text", "Größe Ελλάδα Привет"}}})}}));
    for (const char* word : {"Отчёт", "Größe", "Ελλάδα", "Привет"})
        EXPECT_NE(text.find(word), std::string::npos) << word << " in " << text;
}

TEST_F(report_test, totals_stand_behind_the_rows) {
    json what = table(3);
    what.set("totals", json{{"name", "Together"}, {"count", 3}});
    const std::string text = text_of(draw(with_table(what)));
    ASSERT_NE(text.find("Together"), std::string::npos);
    EXPECT_GT(text.find("Together"), text.find("row2"));
    EXPECT_NE(text.find("3.00"), std::string::npos);
}

TEST_F(report_test, the_same_input_gives_the_same_bytes) {
    json input = with_table(table(100));
    input.set("createdAt", "2026-01-31T08:00:00Z");
    const std::string once = draw(input);
    EXPECT_FALSE(once.empty());
    EXPECT_EQ(once, draw(input));
    EXPECT_EQ(once, [&] {
        mock_host another(sluice_connector_v1);
        const call_result result = another.run("report", input);
        return another.blob_bytes(result.output["file"]).value_or("");
    }());
}

TEST_F(report_test, the_time_of_creation_is_a_date_and_time) {
    const auto created = [this](const std::string& at) {
        int code = 0;
        return ask("pdfinfo -isodates FILE", draw(json{{"title", "a"}, {"createdAt", at}}), code);
    };
    EXPECT_NE(created("2026-01-31T08:00:00Z").find("2026-01-31T08:00:00Z"), std::string::npos);
    EXPECT_NE(created("2024-02-29T23:59:59.123+02:00").find("2024-02-29T23:59:59+02"),
              std::string::npos)
        << created("2024-02-29T23:59:59.123+02:00");
    for (const char* wrong :
         {"", "yesterday", "2026-01-31", "2026-01-31T08:00:00", "2026-02-29T08:00:00Z",
          "2026-01-31T24:00:00Z", "2026-01-31 08:00:00Z", "2026-01-31T08:00:00+0100",
          "2026-01-31T08:00:00.Z", "2026-01-31T08:00:00Zx", "2026-01-31T08:60:00Z",
          "2026-01-31T08:00:00+-1:00", "-026-01-31T08:00:00Z"}) {
        EXPECT_EQ(refusal(json{{"title", "a"}, {"createdAt", wrong}}),
                  "'createdAt' must be a date and time like 2026-01-31T08:00:00Z")
            << wrong;
    }
}

TEST_F(report_test, paper_and_its_orientation) {
    int code = 0;
    const json page = json{{"size", "A5"}, {"orientation", "landscape"}};
    const std::string about =
        ask("pdfinfo FILE", draw(json{{"title", "Wide"}, {"page", page}}), code);
    EXPECT_NE(about.find("595.2"), std::string::npos) << about;
    EXPECT_NE(about.find("x 419.5"), std::string::npos) << about;
}

TEST_F(report_test, refuses_what_it_cannot_draw) {
    EXPECT_NE(refusal(json::object()).find("'title'"), std::string::npos);
    EXPECT_NE(refusal(json{{"title", "a"}, {"page", json{{"size", "A9"}}}}).find("page.size"),
              std::string::npos);
    EXPECT_NE(refusal(json{{"title", "a"}, {"page", json{{"fontSize", 400}}}}).find("fontSize"),
              std::string::npos);
    EXPECT_NE(refusal(json{{"title", "a"}, {"page", 4}}).find("'page'"), std::string::npos);
    EXPECT_NE(refusal(json{{"title", "a"}, {"sections", "b"}}).find("'sections'"),
              std::string::npos);
    EXPECT_NE(refusal(with_table(json{{"columns", json::array()}, {"rows", json::array()}}))
                  .find("columns"),
              std::string::npos);
    json rows = table(0);
    rows.set("rows", json::array({json(3)}));
    EXPECT_NE(refusal(with_table(rows)).find("'rows'"), std::string::npos);
}

TEST_F(report_test, texts_that_are_too_long_or_no_characters_are_refused) {
    EXPECT_NE(refusal(json{{"title", std::string(1'001, 'x')}}).find("1000"), std::string::npos);
    EXPECT_NE(refusal(json{{"title", "\xEF\xBF\xBF"}}).find("character"), std::string::npos);
    const json text = json{{"text", std::string(100'001, 'x')}};
    EXPECT_NE(refusal(json{{"title", "a"}, {"sections", json::array({text})}}).find("'text'"),
              std::string::npos);
    json row = table(0);
    row.set("rows", json::array({json{{"name", std::string(32'001, 'x')}}}));
    EXPECT_NE(refusal(with_table(row)).find("'name'"), std::string::npos);
}

TEST_F(report_test, too_many_rows_or_pages_are_refused) {
    std::vector<json> rows(100'001, json::object());
    json many = table(0);
    many.set("rows", json::array(std::move(rows)));
    EXPECT_NE(refusal(with_table(many)).find("100000 rows"), std::string::npos);

    json lines{{"title", "a"},
               {"page", json{{"size", "A5"}, {"fontSize", 30}, {"marginMm", 60}}},
               {"sections", json::array({json{{"text", std::string(15'000, '\n')}}})}};
    EXPECT_NE(refusal(lines).find("2000 pages"), std::string::npos);
}

// A large report takes long, and nothing of it waits for the host.
TEST_F(report_test, is_given_up_while_it_is_drawn) {
    const report_input report = read_report(with_table(table(300)));
    const surface nowhere(cairo_pdf_surface_create_for_stream(nullptr, nullptr, report.page.width,
                                                              report.page.height));
    int asked = 0;
    const auto draw_until = [&](int last) {
        asked = 0;
        return draw_report(nowhere.get(), report, 0, [&] { return ++asked == last; });
    };
    EXPECT_GT(draw_until(0), 5);
    EXPECT_GT(asked, 300);
    try {
        draw_until(100);
        ADD_FAILURE() << "it was drawn to its end";
    } catch (const failure& why) {
        EXPECT_EQ(why.code(), SLUICE_CANCELLED);
    }
    EXPECT_EQ(asked, 100);
}

TEST_F(report_test, can_be_cancelled_at_each_await) {
    const json input = with_table(table(5));
    const unsigned operations = host_.run("report", input).operations;
    EXPECT_GT(operations, 0u);
    for (unsigned n = 0; n <= operations; ++n) {
        const call_result result = host_.run_cancelled_at(n, "report", input);
        EXPECT_TRUE(result.ok || result.error.code == SLUICE_CANCELLED) << n;
    }
}

}  // namespace
}  // namespace sluice::pdf::testing
