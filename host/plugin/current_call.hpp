// Which connector this thread is running: for log lines without a call, for messages about
// exceptions, and for the last words of a crashing process (crash_note.hpp).
#pragma once

namespace sluice::plugin {

// The texts live as long as the connector's library. Null members: not inside a connector.
struct current_call {
    const char* connector = nullptr;
    const char* action = nullptr;
};

// Safe to read from a signal handler on the same thread.
current_call& current_call_of_thread();

// Marks the thread for as long as it stands.
class current_call_scope {
  public:
    current_call_scope(const char* connector, const char* action)
        : before_(current_call_of_thread()) {
        current_call_of_thread() = {connector, action};
    }
    ~current_call_scope() { current_call_of_thread() = before_; }
    current_call_scope(const current_call_scope&) = delete;
    current_call_scope& operator=(const current_call_scope&) = delete;

  private:
    current_call before_;
};

}  // namespace sluice::plugin
