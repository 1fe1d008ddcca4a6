// What was logged last, to be followed, and what was logged about executions, kept with them.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "api/call.hpp"
#include "api/ports.hpp"
#include "base/log_format.hpp"

namespace sluice::api {

class log_book {
  public:
    explicit log_book(const api_ports& ports) : ports_(ports) {}

    // Any thread; the observer of the log.
    void note(const base::log_entry& entry);

    // GET /logs: lines after `cursor` (the newest hundred without one), of `instance`, `flow`,
    // `execution`, at least `level`. Loop thread, like all below.
    void list(const call& what, const answer_function& answer);
    // GET /executions/{id}/logs: those that were kept, oldest first.
    void of_execution(const call& what, const answer_function& answer);

  private:
    struct line {
        std::uint64_t number = 0;
        base::log_entry entry;
    };
    void write();  // what was noted of executions, in one transaction

    const api_ports& ports_;
    std::mutex mutex_;
    std::deque<line> lines_;
    std::uint64_t last_ = 0;
    std::map<store::event_id, std::vector<base::log_entry>> to_write_;
    std::size_t waiting_ = 0;  // lines of to_write_
    bool will_write_ = false;
};

}  // namespace sluice::api
