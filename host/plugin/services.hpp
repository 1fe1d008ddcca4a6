// The services this host has for connectors: the one list of them.
#pragma once

#include <span>
#include <string_view>

#include "sluice/abi.h"

namespace sluice::plugin {

// Stateless tables, as every function finds its call by the handle.
const sluice_http_1& http_service();
const sluice_blob_1& blob_service();
const sluice_state_1& state_service();
const sluice_work_1& work_service();
const sluice_timer_1& timer_service();
const sluice_clock_1& clock_service();
const sluice_session_1& session_service();

// Which port a service stands on; without it the service is not there.
enum class service_port : unsigned char { none, http, state };

struct service_entry {
    std::string_view id;  // "sluice.http/1"
    const void* table;
    service_port needs;
};

std::span<const service_entry> services();
const service_entry* find_service(std::string_view id);  // null: unknown

}  // namespace sluice::plugin
