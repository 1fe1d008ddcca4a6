#include "layout.h"

/* What a plain C connector writes: the macros must work in C, too. */
SLUICE_DESCRIPTOR("{}");
SLUICE_EXPORT const sluice_connector* SLUICE_CALL sluice_connector_v1(void);

int sluice_layout_has_id(const sluice_connector* connector);
int sluice_layout_has_id(const sluice_connector* connector) { return SLUICE_HAS(connector, id); }
