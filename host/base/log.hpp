// Logging for the whole host: one line of JSON or text per entry, to standard error.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace sluice::base {

enum class log_level { debug, info, warning, error, off };

// A structured field; numbers are passed as text.
using log_field = std::pair<std::string_view, std::string>;

// Sets the least level that is written (default: info). Any thread.
void set_log_level(log_level level);
// Whether an entry of this level is written now. Any thread.
bool is_logged(log_level level);
// true: one JSON object a line; false (default): text for people. Any thread.
void set_log_json(bool json);

// Any thread; never blocks on anything but standard error. Text registered by add_log_secret is
// replaced by "[redacted]".
void log(log_level level, std::string_view message, std::initializer_list<log_field> fields = {});

// A value of at least 8 bytes that must never be written, in this or another process's log line.
// Its base64, hex and percent-encoded forms are covered as well. Any thread.
void add_log_secret(std::string_view secret);
// The same replacement for text that goes elsewhere (errors, stored steps). Any thread. Cheap
// enough for all of them: one to two nanoseconds a byte, however many secrets there are; text
// without any is given back without a copy, so move it in. In JSON text a secret inside a string is
// replaced inside that string, but a secret of digits alone may stand there as a number: where the
// result must stay JSON, ask holds_secret() first and replace string by string when it says so.
std::string redact(std::string text);
// Whether redact() would replace anything. Any thread.
bool holds_secret(std::string_view text);

}  // namespace sluice::base
