#include "plugin/crash_note.hpp"

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <iterator>

#include <unistd.h>

#include "plugin/current_call.hpp"
#include "plugin/running_record.hpp"

namespace sluice::plugin {

namespace {

constexpr int fatal_signals[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL};
struct sigaction before[std::size(fatal_signals)];

// Nothing here may allocate or lock: the process is broken.
class short_text {
  public:
    void add(const char* text) {
        while (*text != '\0' && size_ < sizeof bytes_)
            bytes_[size_++] = *text++;
    }
    void add(int number) {
        char digits[12] = {};
        char* first = digits + sizeof digits - 1;
        do
            *--first = static_cast<char>('0' + number % 10);
        while ((number /= 10) > 0);
        add(first);
    }
    void write_out() const {
        // Nobody is left to care whether it worked.
        [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, bytes_, size_);
    }

  private:
    char bytes_[512];
    std::size_t size_ = 0;
};

// `signal`: 0 for exit().
void tell(int signal) {
    const current_call who = current_call_of_thread();
    if (who.connector == nullptr) return;
    short_text note;
    note.add("\n");
    if (signal == 0) {
        note.add("exit()");
    } else {
        note.add("fatal signal ");
        note.add(signal);
    }
    note.add(" inside connector ");
    note.add(who.connector);
    note.add(", action ");
    note.add(who.action);
    note.add("\n");
    note.write_out();
}

void handle(int signal) {
    note_crash_inside();
    tell(signal);
    for (std::size_t index = 0; index < std::size(fatal_signals); ++index) {
        if (fatal_signals[index] == signal) ::sigaction(signal, &before[index], nullptr);
    }
    ::raise(signal);
}

}  // namespace

void install_crash_note() {
    static char stack_bytes[64u << 10];
    stack_t stack = {};
    stack.ss_sp = stack_bytes;
    stack.ss_size = sizeof stack_bytes;
    ::sigaltstack(&stack, nullptr);
    struct sigaction action = {};
    action.sa_handler = handle;
    action.sa_flags = SA_ONSTACK;
    ::sigemptyset(&action.sa_mask);
    for (std::size_t index = 0; index < std::size(fatal_signals); ++index) {
        ::sigaction(fatal_signals[index], &action, &before[index]);
    }
    std::atexit([] {
        note_crash_inside();
        tell(0);
    });
}

}  // namespace sluice::plugin
