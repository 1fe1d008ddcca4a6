// Lines for whoever started this process, and may read no more: nothing here waits for them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "base/event_loop.hpp"

namespace sluice::cli {

// Loop thread, or while the loop does not run.
class line_output {
  public:
    // A pipe, a file or a terminal, which outlives this, and so does the loop. `most_bytes` wait at
    // most; what does not fit is left out, and counted.
    line_output(int descriptor, base::event_loop& loop, std::size_t most_bytes = 4u << 20)
        : descriptor_(descriptor), loop_(loop), most_bytes_(most_bytes) {}
    ~line_output();
    line_output(const line_output&) = delete;
    line_output& operator=(const line_output&) = delete;

    // `line` ends without a line break. It is written at once when there is room, else as soon as
    // there is. After lines that were left out stands "omitted NUMBER".
    void add(const std::string& line);

  private:
    void keep(const std::string& line);
    std::string omission();
    void write_what_fits();
    void plan();

    const int descriptor_;
    base::event_loop& loop_;
    const std::size_t most_bytes_;
    std::string waiting_;
    std::uint64_t omitted_ = 0;
    base::event_loop::timer_id timer_ = 0;  // 0: none
};

}  // namespace sluice::cli
