// What cairo and pango hand out, owned.
#pragma once

#include <pango/pangocairo.h>

#include <memory>

namespace sluice::pdf {

template <auto Release>
struct releaser {
    template <class T>
    void operator()(T* what) const noexcept {
        Release(what);
    }
};

using surface = std::unique_ptr<cairo_surface_t, releaser<cairo_surface_destroy>>;
using drawing = std::unique_ptr<cairo_t, releaser<cairo_destroy>>;
using text_layout = std::unique_ptr<PangoLayout, releaser<g_object_unref>>;
using font_map = std::unique_ptr<PangoFontMap, releaser<g_object_unref>>;
using text_context = std::unique_ptr<PangoContext, releaser<g_object_unref>>;
using font = std::unique_ptr<PangoFontDescription, releaser<pango_font_description_free>>;

}  // namespace sluice::pdf
