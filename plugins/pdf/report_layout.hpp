// Draws a report.
#pragma once

#include <functional>

#include "handles.hpp"
#include "report_input.hpp"

namespace sluice::pdf {

// Draws all of it; returns the number of pages. `pages`: what the footer says of it, so a report is
// drawn twice: into nothing to count, and then for good. SLUICE_CANCELLED soon after `cancelled`
// says so, as a large one takes long.
int draw_report(cairo_surface_t* target, const report_input& report, int pages,
                const std::function<bool()>& cancelled);

}  // namespace sluice::pdf
