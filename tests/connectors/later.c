/* A connector as a later SDK of ABI 1.x would build it: longer structs, a higher minor, flags and
 * keys that this host does not know; but it says that it works with 1.0. */
#include "sluice/abi.h"

SLUICE_DESCRIPTOR(
    "{\"sluice\":1,\"id\":\"later\",\"version\":\"1.0.0\",\"title\":\"Later\","
    "\"abi\":{\"major\":1,\"minor\":0},\"tariff\":\"blue\","
    "\"services\":{\"optional\":[\"sluice.teleport/3\"]},"
    "\"actions\":{\"first\":{\"title\":\"First\",\"flags\":[\"idempotent\",\"streaming\"]},"
    "\"second\":{\"title\":\"Second\"}}}");

typedef struct later_action {
    sluice_action known;
    void* more[2];
} later_action;

typedef struct later_connector {
    sluice_connector known;
    void* more[2];
} later_connector;

static const sluice_host* the_host;

static void answer(sluice_call* call, const char* text, size_t size) {
    the_host->complete(call, (sluice_str){text, size});
}
static void SLUICE_CALL first(void* self, sluice_call* call, const sluice_request* request) {
    (void)self;
    (void)request;
    answer(call, "1", 1);
}
static void SLUICE_CALL second(void* self, sluice_call* call, const sluice_request* request) {
    (void)self;
    (void)request;
    answer(call, "2", 1);
}

static sluice_code SLUICE_CALL open_connector(const sluice_host* host, void** self,
                                              sluice_error* why) {
    (void)why;
    the_host = host;
    *self = NULL;
    return host->service(host, "sluice.teleport/3") == NULL ? SLUICE_OK : SLUICE_INTERNAL;
}
static void SLUICE_CALL close_connector(void* self) { (void)self; }

static const later_action actions[] = {
    {{"first", 0, 0, first}, {&the_host, &the_host}},
    {{"second", 0, 0, second}, {&the_host, &the_host}},
};
static const later_connector table = {
    {sizeof(later_connector), SLUICE_ABI_MINOR + 5, 2, sizeof(later_action), &actions[0].known,
     "later", open_connector, close_connector, NULL},
    {&the_host, &the_host}};

SLUICE_EXPORT const sluice_connector* SLUICE_CALL sluice_connector_v1(void) { return &table.known; }
