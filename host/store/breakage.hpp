// Promises that a build can break on purpose (the CMake option SLUICE_BREAK), to show that the
// tests which guard them notice. Every source file that asks is compiled again for those tests, see
// CMakeLists.txt. Internal to this module.
#pragma once

namespace sluice::store {

#ifdef SLUICE_BREAK_SYNC_NORMAL
inline constexpr bool keeps_synchronous_full = false;
#else
inline constexpr bool keeps_synchronous_full = true;
#endif

#ifdef SLUICE_BREAK_DEDUP
inline constexpr bool keeps_dedup = false;
#else
inline constexpr bool keeps_dedup = true;
#endif

#ifdef SLUICE_BREAK_FENCE
inline constexpr bool keeps_fence = false;
#else
inline constexpr bool keeps_fence = true;
#endif

}  // namespace sluice::store
