#pragma once

namespace sluice::pdf {

// Reads the machine's list of fonts, once per process. Any thread.
void load_fonts();

}  // namespace sluice::pdf
