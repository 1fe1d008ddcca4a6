// Which executions had a step inside a connector's code when the process died, and in which of them
// it crashed: a file that is mapped into memory, so that what was written last outlives every way a
// process can die.
#pragma once

#include <filesystem>
#include <vector>

#include "base/result.hpp"
#include "store/types.hpp"

namespace sluice::plugin {

// Maps the file, made when missing, and gives the executions that the process before this one was
// in when it died: the one whose thread crashed (note_crash_inside()) and no other, or, when
// nothing tells why the process died, all that were inside. From now on the scopes of this process
// are written there. Once, at the start of the host, by the owner of the folder. Errors name the
// file.
base::result<std::vector<store::death>> open_running_record(const std::filesystem::path& file);

// Says that the process dies by what this thread does, inside the execution of its scope. Nothing
// without a scope. Safe in a signal handler.
void note_crash_inside();

// Says that this thread runs a connector for an execution, for as long as it stands. Costs a store
// to memory; does nothing without a record.
class running_scope {
  public:
    explicit running_scope(store::event_id execution);
    ~running_scope();
    running_scope(const running_scope&) = delete;
    running_scope& operator=(const running_scope&) = delete;

  private:
    store::event_id before_ = 0;
};

}  // namespace sluice::plugin
