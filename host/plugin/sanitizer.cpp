#include "plugin/sanitizer.hpp"

#include <array>

namespace sluice::plugin {
namespace {

// GCC says it with macros, Clang with features.
#ifndef __has_feature
#define __has_feature(name) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
constexpr bool with_address = true;
#else
constexpr bool with_address = false;
#endif
#if defined(__SANITIZE_THREAD__) || __has_feature(thread_sanitizer)
constexpr bool with_thread = true;
#else
constexpr bool with_thread = false;
#endif

struct mark {
    std::string_view symbol;  // what code built with it calls first
    std::string_view name;
    bool ours;
};
constexpr std::array<mark, 2> marks = {{{"__asan_init", "address sanitizer", with_address},
                                        {"__tsan_init", "thread sanitizer", with_thread}}};

}  // namespace

std::string_view foreign_sanitizer(std::string_view library_bytes) {
    for (const mark& one : marks) {
        if (!one.ours && library_bytes.find(one.symbol) != std::string_view::npos) return one.name;
    }
    return {};
}

}  // namespace sluice::plugin
