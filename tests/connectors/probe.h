/* How a test runs its own code as a connector: the input of action `run` (or `runBlocking`) carries
 * the address of one of these. */
#ifndef PROBE_H
#define PROBE_H

#include "sluice/abi.h"

struct probe {
    void (*start)(struct probe* self, const sluice_host* host, sluice_call* call,
                  const sluice_request* request);
    void (*cancel)(struct probe* self, const sluice_host* host, sluice_call* call);
};

#endif
