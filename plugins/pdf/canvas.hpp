// Where a report is drawn, and the fonts for it.
#pragma once

#include "handles.hpp"

namespace sluice::pdf {

// Fonts of its own instead of pango's default ones, which every thread would keep for itself.
class canvas {
  public:
    explicit canvas(cairo_surface_t* target)
        : pen_(cairo_create(target)),
          fonts_(pango_cairo_font_map_new()),
          text_(pango_font_map_create_context(fonts_.get())) {
        pango_cairo_update_context(pen_.get(), text_.get());
    }

    cairo_t* pen() const noexcept { return pen_.get(); }
    text_layout new_layout() const { return text_layout(pango_layout_new(text_.get())); }

  private:
    drawing pen_;
    font_map fonts_;
    text_context text_;
};

}  // namespace sluice::pdf
