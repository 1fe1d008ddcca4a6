#include "base/result.hpp"

#include <string>

#include "base/log.hpp"
#include "base/panic.hpp"

namespace sluice::base {

void panic_bad_result_access(const error* held) {
    if (held == nullptr) panic("asked a successful result for its error");
    panic("asked a failed result for its value: " + redact(held->to_text()));
}

}  // namespace sluice::base
