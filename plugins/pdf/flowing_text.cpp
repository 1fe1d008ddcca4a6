#include "flowing_text.hpp"

#include <cmath>

namespace sluice::pdf {
namespace {

double points(int pango_units) { return static_cast<double>(pango_units) / PANGO_SCALE; }
int units(double length) { return static_cast<int>(std::floor(length * PANGO_SCALE)); }

PangoRectangle extent_of(PangoLayoutLine* line) {
    PangoRectangle logical{};
    pango_layout_line_get_extents(line, nullptr, &logical);
    return logical;
}

PangoLayoutLine* line_of(const GSList* node) { return static_cast<PangoLayoutLine*>(node->data); }

}  // namespace

flowing_text::flowing_text(const canvas& target, const std::string& text, const page_setup& page,
                           const text_style& style, double width, alignment align)
    : pen_(target.pen()),
      layout_(target.new_layout()),
      width_(width),
      grey_(style.grey),
      align_(align) {
    const font shape(pango_font_description_new());
    pango_font_description_set_family(shape.get(), page.font.c_str());
    pango_font_description_set_absolute_size(shape.get(), style.size * PANGO_SCALE);
    if (style.bold) pango_font_description_set_weight(shape.get(), PANGO_WEIGHT_BOLD);
    pango_layout_set_font_description(layout_.get(), shape.get());
    pango_layout_set_width(layout_.get(), units(width));
    pango_layout_set_wrap(layout_.get(), PANGO_WRAP_WORD_CHAR);
    pango_layout_set_text(layout_.get(), text.data(), static_cast<int>(text.size()));
    if (!text.empty()) next_ = pango_layout_get_lines_readonly(layout_.get());
}

double flowing_text::rest_height() const {
    double height = 0;
    for (const GSList* line = next_; line != nullptr; line = line->next)
        height += points(extent_of(line_of(line)).height);
    return height;
}

double flowing_text::draw(double x, double y, double room) {
    double drawn = 0;
    cairo_set_source_rgb(pen_, grey_, grey_, grey_);
    for (; next_ != nullptr; next_ = next_->next) {
        PangoLayoutLine* line = line_of(next_);
        const PangoRectangle extent = extent_of(line);
        const double height = points(extent.height);
        if (drawn + height > room) break;
        const double spare = width_ - points(extent.width);
        const bool right_to_left = line->resolved_dir == PANGO_DIRECTION_RTL;
        double indent = right_to_left ? spare : 0;
        if (align_ == alignment::center) indent = spare / 2;
        if (align_ == alignment::end) indent = right_to_left ? 0 : spare;
        // A line is drawn from its baseline; the rectangle's y is the way up to its top.
        cairo_move_to(pen_, x + indent, y + drawn - points(extent.y));
        pango_cairo_show_layout_line(pen_, line);
        drawn += height;
    }
    return drawn;
}

}  // namespace sluice::pdf
