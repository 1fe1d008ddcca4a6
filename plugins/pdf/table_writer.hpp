// A table over as many pages as it takes; its head stands on each of them.
#pragma once

#include "page_writer.hpp"

namespace sluice::pdf {

void write_table(page_writer& pages, const table& what);

}  // namespace sluice::pdf
