#include <algorithm>
#include <charconv>
#include <sluice/temporary_file.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "pdf.hpp"
#include "program.hpp"

namespace sluice::pdf {
namespace {

constexpr std::int64_t usual_pages = 50;
constexpr std::int64_t most_pages = 1'000;
constexpr std::size_t shown_errors = 300;

// "Pages:          12" of pdfinfo: what stands in the last line of this key, or in the first one.
// It prints the texts of the file at first and as they are, also with lines in them that look like
// its own; what it found itself comes after them.
enum class which_line { first, last };

std::string_view value_of(std::string_view text, std::string_view key, which_line wanted) {
    std::string_view found;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        if (!line.starts_with(key) || line.substr(key.size(), 1) != ":") continue;
        const std::size_t begin = line.find_first_not_of(' ', key.size() + 1);
        found = begin == std::string_view::npos ? std::string_view() : line.substr(begin);
        if (wanted == which_line::first) break;
    }
    return found;
}

std::int64_t number_of(std::string_view text) {
    std::int64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

void refuse_failed(const program_end& end) {
    if (end.exit_code == 0) return;
    const std::string_view said = std::string_view(end.errors).substr(0, shown_errors);
    if (said.find("password") != std::string_view::npos) {
        throw failure(SLUICE_INVALID_INPUT, "the PDF is locked with a password");
    }
    std::string shown(said.substr(0, said.find('\n')));
    throw failure(SLUICE_INVALID_INPUT,
                  "the file is not a PDF that can be read" + (shown.empty() ? "" : ": " + shown));
}

program_end run(const context& ctx, const temporary_file& file,
                std::vector<std::string> arguments) {
    program_end end = run_program(std::move(arguments), file.descriptor(), {},
                                  [&ctx] { return ctx.cancelled(); });
    refuse_failed(end);
    return end;
}

// The file of the input, and what pdfinfo says about it.
struct document {
    document(const context& ctx, const json& input)
        : file(not_empty(ctx.find_blob(input["file"]))) {
        about = run(ctx, file, {"pdfinfo", "-enc", "UTF-8", "{input}"}).output;
    }
    static blob not_empty(blob source) {
        if (source.size() == 0) throw failure(SLUICE_INVALID_INPUT, "the file is empty");
        return source;
    }
    std::string_view text(std::string_view key) const {
        return value_of(about, key, which_line::first);
    }
    std::string_view property(std::string_view key) const {
        return value_of(about, key, which_line::last);
    }
    std::int64_t page_count() const { return number_of(property("Pages")); }

    temporary_file file;
    std::string about;
};

std::int64_t first_page(const json& input) {
    if (input["cursor"].is_null()) return 1;
    const std::string& cursor = required_string(input, "cursor");
    std::int64_t page = 0;
    const auto [end, problem] = std::from_chars(cursor.data(), cursor.data() + cursor.size(), page);
    if (problem != std::errc() || end != cursor.data() + cursor.size() || page < 1) {
        throw failure(SLUICE_INVALID_INPUT, "'cursor' is none that this action has given");
    }
    return page;
}

std::int64_t pages_at_once(const json& input) {
    if (input["limit"].is_null()) return usual_pages;
    const std::int64_t limit = required_int(input, "limit");
    if (limit < 1 || limit > most_pages) {
        throw failure(SLUICE_INVALID_INPUT, "'limit' must be 1 to 1000");
    }
    return limit;
}

// pdftotext ends each page with a form feed.
json pages_of(std::string_view text, std::int64_t first, std::int64_t last) {
    json pages = json::array();
    for (std::int64_t number = first; number <= last; ++number) {
        const std::size_t end = std::min(text.find('\f'), text.size());
        pages.push(json{{"page", number}, {"text", text.substr(0, end)}});
        text.remove_prefix(std::min(text.size(), end + 1));
    }
    return pages;
}

}  // namespace

json connector::extract_text(context& ctx, const json& input) {
    const std::int64_t first = first_page(input);
    const std::int64_t limit = pages_at_once(input);
    const document pdf(ctx, input);
    const std::int64_t count = pdf.page_count();
    const std::int64_t last = std::min(count, first + limit - 1);
    json pages = json::array();
    if (first <= last) {
        std::vector<std::string> arguments{
            "pdftotext",         "-q", "-enc", "UTF-8", "-f", std::to_string(first), "-l",
            std::to_string(last)};
        if (input.get_or("layout", false)) arguments.emplace_back("-layout");
        arguments.insert(arguments.end(), {"{input}", "-"});
        pages = pages_of(run(ctx, pdf.file, std::move(arguments)).output, first, last);
    }
    return json{{"items", std::move(pages)},
                {"pageCount", count},
                {"cursor", std::to_string(std::max(first, last + 1))},
                {"more", last < count}};
}

json connector::inspect(context& ctx, const json& input) {
    const document pdf(ctx, input);
    return json{{"pageCount", pdf.page_count()},
                {"title", pdf.text("Title")},
                {"author", pdf.text("Author")},
                {"producer", pdf.text("Producer")},
                {"pageSize", pdf.property("Page size")},
                {"version", pdf.property("PDF version")},
                {"encrypted", pdf.property("Encrypted").starts_with("yes")}};
}

}  // namespace sluice::pdf
