// The last words of a crashing process name the connector whose code was running, and the next
// process is told which execution it was (running_record.hpp).
#pragma once

namespace sluice::plugin {

// From now on a fatal signal (SEGV, BUS, ABRT, FPE, ILL) on a thread that runs a connector writes
// one line to standard error, "fatal signal 11 inside connector github 0.1.0, action createIssue",
// and then does what it would have done before; so does a call of exit() there. Once, at the start
// of the program, from the thread that will run the event loop (it gets a stack of its own for the
// note, so that an overflow of the normal one is reported as well).
void install_crash_note();

}  // namespace sluice::plugin
