#include "report_layout.hpp"

#include "page_writer.hpp"
#include "table_writer.hpp"

namespace sluice::pdf {
namespace {

void write_facts(page_writer& pages, const section& from) {
    const double size = pages.page().font_size;
    const double label_width = pages.width() * 0.3;
    for (const auto& [label, value] : from.facts) {
        flowing_text name(pages.target(), label, pages.page(), {size, true, 0.2},
                          label_width - size, alignment::start);
        flowing_text text(pages.target(), value, pages.page(), {size, false, 0},
                          pages.width() - label_width, alignment::start);
        pages.need(std::max(name.rest_height(), size * 1.5));
        while (true) {
            const double named = name.draw(pages.left(), pages.y(), pages.room());
            const double told = text.draw(pages.left() + label_width, pages.y(), pages.room());
            pages.advance(std::max({named, told, size}));
            if (name.finished() && text.finished()) break;
            pages.break_page();
        }
    }
    if (!from.facts.empty()) pages.advance(size);
}

void write_section(page_writer& pages, const section& from) {
    const double size = pages.page().font_size;
    if (!from.heading.empty()) {
        pages.need(size * 5);
        pages.advance(size * 0.5);
        pages.write(from.heading, {size * 1.3, true, 0}, size * 0.4);
    }
    pages.write(from.text, {size, false, 0}, size);
    write_facts(pages, from);
    for (const table& each : from.tables)
        write_table(pages, each);
}

}  // namespace

int draw_report(cairo_surface_t* target, const report_input& report, int pages,
                const std::function<bool()>& cancelled) {
    page_writer writer(target, report, pages, cancelled);
    const double size = report.page.font_size;
    writer.write(report.title, {size * 2, true, 0}, size * 0.3);
    writer.write(report.subtitle, {size * 1.2, false, 0.3}, 0);
    writer.advance(size);
    for (const section& each : report.sections)
        write_section(writer, each);
    return writer.finish();
}

}  // namespace sluice::pdf
