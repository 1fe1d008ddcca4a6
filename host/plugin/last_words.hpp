// What a child process writes to its standard output and error: each line goes to the log, as many
// of them as its budget allows, and the last ones are kept.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/spawn.hpp"
#include "base/thread.hpp"
#include "plugin/log_budget.hpp"

namespace sluice::plugin {

class last_words {
  public:
    static constexpr std::size_t limit = 2'000;  // bytes of the end

    // `who` names the writer in the log.
    last_words(std::string who, std::shared_ptr<log_budget> budget);
    ~last_words();
    last_words(const last_words&) = delete;
    last_words& operator=(const last_words&) = delete;

    // The descriptor that the child is to get as 1 and 2. Once.
    base::result<int> open();
    // The child has it now; starts reading.
    void child_started();
    // Once the child has ended: the end of what it wrote, without secrets, for an error message.
    std::string take();

  private:
    void read();
    bool read_what_is_there();
    void keep(std::string_view bytes);
    void write_line();
    void write_beginning();
    void write(std::string redacted);

    const std::string who_;
    const std::shared_ptr<log_budget> budget_;
    base::pipe_ends pipe_;
    base::pipe_ends stop_;
    std::mutex mutex_;
    std::string tail_;
    std::string line_;
    base::thread reader_;
};

}  // namespace sluice::plugin
