// A text broken into lines, drawn as many lines at a time as there is room for.
#pragma once

#include <string>

#include "canvas.hpp"
#include "report_input.hpp"

namespace sluice::pdf {

struct text_style {
    double size = 0;
    bool bold = false;
    double grey = 0;  // 0 black, 1 white
};

class flowing_text {
  public:
    // `width` in points; words longer than it are broken.
    flowing_text(const canvas& target, const std::string& text, const page_setup& page,
                 const text_style& style, double width, alignment align);

    bool finished() const noexcept { return next_ == nullptr; }
    // Of the lines that are not drawn yet.
    double rest_height() const;
    // Draws what fits into `room` with its upper left corner there; returns the height of it.
    double draw(double x, double y, double room);

  private:
    cairo_t* pen_;
    text_layout layout_;
    double width_;
    double grey_;
    alignment align_;
    const GSList* next_ = nullptr;  // lines of the layout
};

}  // namespace sluice::pdf
