#include "page_writer.hpp"

#include <utility>

namespace sluice::pdf {
namespace {

constexpr int most_pages = 2'000;
constexpr double decoration_gap = 8;

std::string with_numbers(std::string text, int page, int pages) {
    const std::pair<std::string, int> numbers[] = {{"{page}", page}, {"{pages}", pages}};
    for (const auto& [name, number] : numbers) {
        const std::string digits = std::to_string(number);
        for (auto at = text.find(name); at != std::string::npos; at = text.find(name, at)) {
            text.replace(at, name.size(), digits);
            at += digits.size();
        }
    }
    return text;
}

}  // namespace

page_writer::page_writer(cairo_surface_t* target, const report_input& report, int pages,
                         const std::function<bool()>& cancelled)
    : report_(report),
      cancelled_(cancelled),
      canvas_(target),
      pages_(pages),
      top_(report.page.margin),
      bottom_(report.page.height - report.page.margin) {
    const double decoration = report.page.font_size * 1.5 + decoration_gap;
    if (!report.header.empty()) top_ += decoration;
    if (!report.footer.empty()) bottom_ -= decoration;
    begin();
}

void page_writer::go_on() const {
    if (cancelled_()) throw failure(SLUICE_CANCELLED, "the call was cancelled");
}

void page_writer::begin() {
    go_on();
    if (++number_ > most_pages) {
        throw failure(SLUICE_INVALID_INPUT,
                      "the report has more than " + std::to_string(most_pages) + " pages");
    }
    y_ = top_;
    decorate();
    if (head_) head_();
}

void page_writer::break_page() {
    cairo_show_page(canvas_.pen());
    begin();
}

void page_writer::decorate() {
    const text_style small{page().font_size * 0.85, false, 0.4};
    const auto draw = [&](const std::string& what, double y, alignment align) {
        flowing_text text(canvas_, with_numbers(what, number_, pages_), page(), small, width(),
                          align);
        text.draw(left(), y, page().font_size * 1.5);
    };
    draw(report_.header, page().margin, alignment::start);
    draw(report_.footer, bottom_ + decoration_gap, alignment::end);
}

void page_writer::write(const std::string& text, const text_style& style, double space_after) {
    flowing_text flowing(canvas_, text, page(), style, width(), alignment::start);
    if (flowing.finished()) return;
    while (true) {
        y_ += flowing.draw(left(), y_, room());
        if (flowing.finished()) break;
        break_page();
    }
    y_ += space_after;
}

void page_writer::line(double grey, double thickness) {
    cairo_set_source_rgb(canvas_.pen(), grey, grey, grey);
    cairo_set_line_width(canvas_.pen(), thickness);
    cairo_move_to(canvas_.pen(), left(), y_);
    cairo_line_to(canvas_.pen(), left() + width(), y_);
    cairo_stroke(canvas_.pen());
}

int page_writer::finish() {
    cairo_show_page(canvas_.pen());
    return number_;
}

}  // namespace sluice::pdf
