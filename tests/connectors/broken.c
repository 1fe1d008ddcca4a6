/* One connector with one fault, chosen by FAULT_...; without any it is in order. */
#include <stdlib.h>
#include <unistd.h>

#include "sluice/abi.h"

#if defined(FAULT_ABI_MAJOR)
#define ABI_TEXT "{\"major\":7,\"minor\":0}"
#elif defined(FAULT_ABI_MINOR)
#define ABI_TEXT "{\"major\":1,\"minor\":99}"
#else
#define ABI_TEXT "{\"major\":1,\"minor\":0}"
#endif
#if defined(FAULT_SERVICE)
#define SERVICES_TEXT "[\"sluice.teleport/3\"]"
#else
#define SERVICES_TEXT "[]"
#endif
#if defined(FAULT_DESCRIPTOR_JSON)
#define END_TEXT "}"
#else
#define END_TEXT "}}"
#endif
#if defined(FAULT_DESCRIPTOR_ACTION)
#define MORE_ACTIONS ",\"ghost\":{\"title\":\"Not in the table\"}"
#elif defined(FAULT_DESCRIPTOR_FLAG)
#define MORE_ACTIONS ",\"extra\":{\"title\":\"Blocks only here\",\"flags\":[\"blocking\"]}"
#elif defined(FAULT_TABLE_ACTION)
#define MORE_ACTIONS ""
#else
#define MORE_ACTIONS ",\"extra\":{\"title\":\"Another\"}"
#endif

#if !defined(FAULT_NO_DESCRIPTOR)
SLUICE_DESCRIPTOR(
    "{\"sluice\":1,\"id\":\"broken\",\"version\":\"1.0.0\",\"title\":\"Broken\","
    "\"abi\":" ABI_TEXT ",\"services\":{\"required\":" SERVICES_TEXT
    "},"
    "\"actions\":{\"echo\":{\"title\":\"Echo\"}" MORE_ACTIONS END_TEXT);
#endif

static const sluice_host* the_host;

static void SLUICE_CALL echo(void* self, sluice_call* call, const sluice_request* request) {
    (void)self;
    the_host->complete(call, request->input_json);
}

#if defined(FAULT_UNDEFINED_SYMBOL)
int sluice_fixture_symbol_that_nobody_defines(void);
#endif

static sluice_code SLUICE_CALL open_connector(const sluice_host* host, void** self,
                                              sluice_error* why) {
    the_host = host;
    *self = NULL;
    (void)why;
#if defined(FAULT_OPEN_ERROR)
    {
        static const char text[] = "the licence file is missing";
        /* A test puts things right by setting this. */
        if (getenv("SLUICE_FIXTURE_LICENCE")) return SLUICE_OK;
        why->message = (sluice_str){text, sizeof text - 1};
        return SLUICE_AUTH;
    }
#elif defined(FAULT_OPEN_HANGS)
    for (;;)
        pause();
#elif defined(FAULT_OPEN_CRASHES)
    abort();
#elif defined(FAULT_UNDEFINED_SYMBOL)
    return (sluice_code)sluice_fixture_symbol_that_nobody_defines();
#endif
    return SLUICE_OK;
}

static void SLUICE_CALL close_connector(void* self) { (void)self; }

static const sluice_action actions[] = {
    {"echo", 0, 0, echo},
#if defined(FAULT_DUPLICATE_ACTION)
    {"echo", 0, 0, echo},
#endif
#if !defined(FAULT_DESCRIPTOR_ACTION)
    {"extra", 0, 0, echo},
#endif
};

static const sluice_connector table = {
#if defined(FAULT_SHORT_STRUCT)
    16,
#else
    sizeof(sluice_connector),
#endif
    SLUICE_ABI_MINOR,
    sizeof actions / sizeof *actions,
    sizeof(sluice_action),
    actions,
#if defined(FAULT_ID)
    "somebody-else",
#else
    "broken",
#endif
    open_connector,
    close_connector,
    NULL};

#if defined(FAULT_ENTRY_MAJOR)
SLUICE_EXPORT const sluice_connector* SLUICE_CALL sluice_connector_v7(void) { return &table; }
#elif defined(FAULT_NO_ENTRY)
SLUICE_EXPORT const sluice_connector* SLUICE_CALL some_other_function(void) { return &table; }
#else
SLUICE_EXPORT const sluice_connector* SLUICE_CALL sluice_connector_v1(void) {
#if defined(FAULT_NO_TABLE)
    (void)table;
    return NULL;
#else
    return &table;
#endif
}
#endif

#if defined(FAULT_MORE_EXPORTS)
SLUICE_EXPORT int leaked_function(void) { return 1; }
#endif
