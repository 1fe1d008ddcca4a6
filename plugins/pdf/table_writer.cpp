#include "table_writer.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace sluice::pdf {
namespace {

constexpr double gap = 3;  // around the text of a cell

class table_drawing {
  public:
    table_drawing(page_writer& pages, const table& what) : pages_(pages), table_(what) {
        double shares = 0;
        for (const table_column& column : table_.columns)
            shares += column.share;
        for (const table_column& column : table_.columns)
            widths_.push_back(pages_.width() * column.share / shares);
    }

    void draw() {
        // The head alone at the foot of a page helps nobody.
        pages_.need(4 * line_height());
        draw_head();
        pages_.at_head_of_pages([this] { draw_head(); });
        for (const json& row : table_.rows.items())
            draw_row(row, text_style{pages_.page().font_size, false, 0}, 0.85);
        if (!table_.totals.is_null()) {
            draw_row(table_.totals, text_style{pages_.page().font_size, true, 0}, 0.2);
        }
        pages_.at_head_of_pages({});
        pages_.advance(pages_.page().font_size);
    }

  private:
    double line_height() const { return pages_.page().font_size * 1.5 + 2 * gap; }

    std::vector<flowing_text> cells_of(const json& row, const text_style& style) const {
        std::vector<flowing_text> cells;
        for (std::size_t i = 0; i < table_.columns.size(); ++i) {
            const table_column& column = table_.columns[i];
            const json& value = row[column.field];
            const alignment usual = value.is_number() ? alignment::end : alignment::start;
            cells.push_back(cell(cell_text(value, column), style, i,
                                 column.align_given ? column.align : usual));
        }
        return cells;
    }

    flowing_text cell(const std::string& text, const text_style& style, std::size_t column,
                      alignment align) const {
        const double width = std::max(widths_[column] - 2 * gap, 1.0);
        return {pages_.target(), text, pages_.page(), style, width, align};
    }

    void draw_head() {
        const text_style bold{pages_.page().font_size, true, 0};
        std::vector<flowing_text> cells;
        for (std::size_t i = 0; i < table_.columns.size(); ++i) {
            const table_column& column = table_.columns[i];
            cells.push_back(cell(column.title, bold, i, column.align));
        }
        // A head that takes half of the page would leave no room for rows.
        draw_slice(cells, std::min(tallest(cells), pages_.full_room() / 2));
        pages_.line(0.2, 1);
    }

    void draw_row(const json& row, const text_style& style, double grey) {
        pages_.go_on();
        std::vector<flowing_text> cells = cells_of(row, style);
        const double height = std::max(tallest(cells), pages_.page().font_size) + 2 * gap;
        if (height <= pages_.full_room() - line_height()) pages_.need(height);
        while (true) {
            draw_slice(cells, pages_.room() - 2 * gap);
            if (std::ranges::all_of(cells, &flowing_text::finished)) break;
            pages_.break_page();
        }
        pages_.line(grey, 0.5);
    }

    static double tallest(const std::vector<flowing_text>& cells) {
        double height = 0;
        for (const flowing_text& each : cells)
            height = std::max(height, each.rest_height());
        return height;
    }

    void draw_slice(std::vector<flowing_text>& cells, double room) {
        double x = pages_.left();
        double height = 0;
        for (std::size_t i = 0; i < cells.size(); ++i) {
            height = std::max(height, cells[i].draw(x + gap, pages_.y() + gap, room));
            x += widths_[i];
        }
        pages_.advance(height + 2 * gap);
    }

    page_writer& pages_;
    const table& table_;
    std::vector<double> widths_;
};

}  // namespace

void write_table(page_writer& pages, const table& what) { table_drawing(pages, what).draw(); }

}  // namespace sluice::pdf
