#include "fonts.hpp"

#include <fontconfig/fontconfig.h>
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/lsan_interface.h>
#endif

namespace sluice::pdf {

void load_fonts() {
#if defined(__SANITIZE_ADDRESS__)
    // fontconfig 2.14 loses two small objects when it reads its configuration.
    const __lsan::ScopedDisabler not_ours;
#endif
    FcInit();
}

}  // namespace sluice::pdf
