/* A well-behaved connector in plain C, built twice with different versions. */
#include "probe.h"

#include <stdlib.h>
#include <string.h>

#ifndef VERSION
#define VERSION "0.1.0"
#endif

SLUICE_DESCRIPTOR(
    "{\"sluice\":1,\"id\":\"probe\",\"version\":\"" VERSION
    "\",\"title\":\"Probe\","
    "\"abi\":{\"major\":1,\"minor\":0},"
    "\"services\":{\"required\":[\"sluice.timer/1\"],\"optional\":[\"sluice.http/1\"]},"
    "\"connections\":{\"token\":{\"title\":\"Token\",\"kind\":\"bearer\",\"fields\":{"
    "\"type\":\"object\",\"properties\":{\"baseUrl\":{\"type\":\"string\"},"
    "\"token\":{\"type\":\"string\",\"secret\":true}}}}},"
    "\"actions\":{"
    "\"echo\":{\"title\":\"Gives back its input\",\"flags\":[\"idempotent\"]},"
    "\"version\":{\"title\":\"Gives its version\"},"
    "\"run\":{\"title\":\"Runs the test's code\"},"
    "\"verify\":{\"title\":\"Runs the test's code\",\"flags\":[\"verifier\"]},"
    "\"runBlocking\":{\"title\":\"Runs the test's code\",\"flags\":[\"blocking\"]}}}");

static const sluice_host* the_host; /* one host per process is enough for a fixture */

static void SLUICE_CALL echo(void* self, sluice_call* call, const sluice_request* request) {
    (void)self;
    the_host->complete(call, request->input_json);
}

static void SLUICE_CALL version(void* self, sluice_call* call, const sluice_request* request) {
    static const char text[] = "{\"version\":\"" VERSION "\"}";
    (void)self;
    (void)request;
    the_host->complete(call, (sluice_str){text, sizeof text - 1});
}

/* Input: {"probe": <address in decimal>} */
static struct probe* find_probe(const sluice_request* request) {
    char text[64] = {0};
    size_t size = request->input_json.size < 63 ? request->input_json.size : 63;
    memcpy(text, request->input_json.data, size);
    return (struct probe*)(uintptr_t)strtoull(strchr(text, ':') + 1, NULL, 10);
}

static void SLUICE_CALL run(void* self, sluice_call* call, const sluice_request* request) {
    struct probe* probe = find_probe(request);
    (void)self;
    *request->slot = probe;
    probe->start(probe, the_host, call, request);
}

static void SLUICE_CALL run_blocking(void* self, sluice_call* call, const sluice_request* request) {
    struct probe* probe = find_probe(request);
    (void)self;
    probe->start(probe, the_host, call, request);
}

static void SLUICE_CALL cancel(void* self, sluice_call* call, void* slot) {
    struct probe* probe = slot;
    (void)self;
    if (probe && probe->cancel) probe->cancel(probe, the_host, call);
}

static sluice_code SLUICE_CALL open_connector(const sluice_host* host, void** self,
                                              sluice_error* why) {
    (void)why;
    the_host = host;
    *self = &the_host;
    return SLUICE_OK;
}

static void SLUICE_CALL close_connector(void* self) { (void)self; }

static const sluice_action actions[] = {
    {"echo", 0, 0, echo},
    {"version", 0, 0, version},
    {"run", 0, 0, run},
    {"verify", 0, 0, run},
    {"runBlocking", SLUICE_ACTION_BLOCKING, 0, run_blocking},
};

static const sluice_connector table = {
    sizeof(sluice_connector), SLUICE_ABI_MINOR, sizeof actions / sizeof *actions,
    sizeof(sluice_action),    actions,          "probe",
    open_connector,           close_connector,  cancel};

SLUICE_EXPORT const sluice_connector* SLUICE_CALL sluice_connector_v1(void) { return &table; }
