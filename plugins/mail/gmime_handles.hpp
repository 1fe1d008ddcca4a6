// What GMime and GLib hand out, owned.
#pragma once

#include <gmime/gmime.h>

#include <memory>
#include <string>
#include <string_view>

namespace sluice::mail {

struct unref {
    template <class T>
    void operator()(T* what) const noexcept {
        g_object_unref(what);
    }
};
template <class T>
using owned = std::unique_ptr<T, unref>;

struct text_freer {
    void operator()(char* text) const noexcept { g_free(text); }
};
using owned_text = std::unique_ptr<char, text_freer>;

// Text as JSON may carry it: bytes that are not UTF-8 become U+FFFD. Null gives empty text.
inline std::string clean_text(const char* bytes, std::size_t size) {
    const owned_text valid(
        g_utf8_make_valid(bytes == nullptr ? "" : bytes, static_cast<gssize>(size)));
    return valid.get();
}
inline std::string clean_text(const char* text) {
    return text == nullptr ? std::string() : clean_text(text, std::string_view(text).size());
}

}  // namespace sluice::mail
