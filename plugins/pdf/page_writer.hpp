// Pages of a report: where the next line goes, and what stands on each page.
#pragma once

#include <functional>
#include <string>

#include "flowing_text.hpp"
#include "handles.hpp"
#include "report_input.hpp"

namespace sluice::pdf {

class page_writer {
  public:
    // `pages`: how many there will be, for the footer; 0: not known yet. `cancelled`: is asked now
    // and then, also by go_on(); it must outlive the writer.
    page_writer(cairo_surface_t* target, const report_input& report, int pages,
                const std::function<bool()>& cancelled);
    page_writer(const page_writer&) = delete;
    page_writer& operator=(const page_writer&) = delete;

    const canvas& target() const { return canvas_; }
    const page_setup& page() const { return report_.page; }
    double left() const { return report_.page.margin; }
    double width() const { return report_.page.width - 2 * report_.page.margin; }
    double y() const { return y_; }
    double room() const { return bottom_ - y_; }
    double full_room() const { return bottom_ - top_; }
    void advance(double height) { y_ += height; }

    // SLUICE_CANCELLED when nobody wants the report any more. For what may take long within a page.
    void go_on() const;
    void break_page();
    // Begins a new page unless that much fits on this one.
    void need(double height) {
        if (height > room() && y_ > top_) break_page();
    }
    // Runs at the head of each new page, until it is replaced by nothing.
    void at_head_of_pages(std::function<void()> draw) { head_ = std::move(draw); }

    // Draws a text over as many pages as it takes.
    void write(const std::string& text, const text_style& style, double space_after);
    void line(double grey, double thickness);

    // Ends the last page. How many there are.
    int finish();

  private:
    void decorate();
    void begin();

    const report_input& report_;
    const std::function<bool()>& cancelled_;
    canvas canvas_;
    int pages_;
    int number_ = 0;
    double top_;
    double bottom_;
    double y_ = 0;
    std::function<void()> head_;
};

}  // namespace sluice::pdf
