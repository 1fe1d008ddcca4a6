#include "pdf.hpp"

#include "fonts.hpp"

using sluice::action;
using sluice::pdf::connector;

namespace sluice::pdf {

connector::connector() { load_fonts(); }

}  // namespace sluice::pdf

SLUICE_CONNECTOR(connector, "pdf", action("report", &connector::report),
                 action("extractText", &connector::extract_text),
                 action("inspect", &connector::inspect))
