#include <cairo-pdf.h>

#include <functional>
#include <sluice/temporary_file.hpp>

#include "handles.hpp"
#include "pdf.hpp"
#include "report_layout.hpp"

namespace sluice::pdf {
namespace {

cairo_status_t into_file(void* target, const unsigned char* bytes, unsigned count) {
    return static_cast<temporary_file*>(target)->write(bytes, count) ? CAIRO_STATUS_SUCCESS
                                                                     : CAIRO_STATUS_WRITE_ERROR;
}

void finish(cairo_surface_t* target) {
    cairo_surface_finish(target);
    const cairo_status_t status = cairo_surface_status(target);
    if (status == CAIRO_STATUS_SUCCESS) return;
    if (status == CAIRO_STATUS_INVALID_STRING) {
        throw failure(SLUICE_INVALID_INPUT, "the report has a text with a character that is none");
    }
    const bool disk = status == CAIRO_STATUS_WRITE_ERROR || status == CAIRO_STATUS_NO_MEMORY;
    throw failure(disk ? SLUICE_UNAVAILABLE : SLUICE_INTERNAL,
                  std::string("the report cannot be drawn: ") + cairo_status_to_string(status));
}

int count_pages(const report_input& report, const std::function<bool()>& cancelled) {
    const surface nowhere(cairo_pdf_surface_create_for_stream(nullptr, nullptr, report.page.width,
                                                              report.page.height));
    const int pages = draw_report(nowhere.get(), report, 0, cancelled);
    finish(nowhere.get());
    return pages;
}

void describe(cairo_surface_t* target, const report_input& report) {
    const auto set = [target](cairo_pdf_metadata_t what, const std::string& text) {
        if (!text.empty()) cairo_pdf_surface_set_metadata(target, what, text.c_str());
    };
    set(CAIRO_PDF_METADATA_TITLE, report.title);
    set(CAIRO_PDF_METADATA_SUBJECT, report.subtitle);
    set(CAIRO_PDF_METADATA_AUTHOR, report.author);
    set(CAIRO_PDF_METADATA_CREATOR, "Sluice");
    set(CAIRO_PDF_METADATA_CREATE_DATE, report.created_at);
}

int draw(temporary_file& target, const report_input& report,
         const std::function<bool()>& cancelled) {
    const int pages = count_pages(report, cancelled);
    const surface file(cairo_pdf_surface_create_for_stream(into_file, &target, report.page.width,
                                                           report.page.height));
    describe(file.get(), report);
    draw_report(file.get(), report, pages, cancelled);
    finish(file.get());
    return pages;
}

}  // namespace

json connector::report(context& ctx, const json& input) {
    const report_input report = read_report(input);
    temporary_file drawn;
    const int pages = draw(drawn, report, [&ctx] { return ctx.cancelled(); });
    return json{{"file", drawn.to_blob(ctx, "application/pdf")}, {"pageCount", pages}};
}

}  // namespace sluice::pdf
