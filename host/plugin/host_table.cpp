#include "plugin/host_table.hpp"

#include <string>
#include <utility>

#include "base/ids.hpp"
#include "base/log.hpp"
#include "json/text.hpp"
#include "plugin/abi_error.hpp"
#include "plugin/connector_state.hpp"
#include "plugin/services.hpp"
#include "plugin/strand.hpp"

namespace sluice::plugin {

namespace {

using base::error_code;
using call_slots::arrival;

void log_misuse(const char* what, const call_slots::claim_result& claimed) {
    const std::string connector = claimed.stats ? claimed.stats->connector : "unknown";
    const std::string action = claimed.stats ? claimed.stats->action : "";
    base::log(base::log_level::warning, what, {{"connector", connector}, {"action", action}});
}

// Counts an arrival that ends nothing. True when it does end the call.
bool count_arrival(const call_slots::claim_result& claimed) {
    switch (claimed.what) {
        case arrival::first:
            ++claimed.stats->completions;
            return true;
        case arrival::late:
            ++claimed.stats->late;
            --claimed.stats->missing;
            log_misuse("a connector completed a call after the host had given it up", claimed);
            return true;
        case arrival::second:
            ++claimed.stats->second;
            log_misuse("a connector completed a call twice", claimed);
            return false;
        case arrival::unknown:
            log_misuse("a connector completed a call that does not exist", claimed);
            return false;
    }
    return false;
}

call_outcome read_output(sluice_str output_json, action_stats& stats) {
    call_outcome outcome;
    const std::string_view text = to_view(output_json);
    auto parsed = json::parse(text);  // its limits are the ABI's: 16 MiB, depth 512
    if (parsed) {
        outcome.output_json = std::string(text);
        outcome.output = std::move(*parsed);
        return outcome;
    }
    ++stats.failures;
    ++stats.bad_json;
    const base::error& why = parsed.error_value();
    outcome.output_json = base::make_error(error_code::internal,
                                           stats.connector + ", action " + stats.action +
                                               " gave a result that is not JSON: " + why.message,
                                           "This is a bug in the connector; tell its author.");
    return outcome;
}

void SLUICE_CALL complete(sluice_call* handle, sluice_str output_json) {
    const call_handle call = call_slots::from_abi(handle);
    auto claimed = call_slots::claim(call);
    if (!count_arrival(claimed)) return;
    call_outcome outcome = read_output(output_json, *claimed.stats);
    end_call(call, std::move(claimed), std::move(outcome));
}

void SLUICE_CALL fail(sluice_call* handle, const sluice_error* error) {
    const call_handle call = call_slots::from_abi(handle);
    auto claimed = call_slots::claim(call);
    if (!count_arrival(claimed)) return;
    ++claimed.stats->failures;
    received_error received = from_abi_error(error, claimed.stats->connector);
    call_outcome outcome;
    outcome.output_json = std::move(received.failure);
    outcome.http_status = received.http_status;
    end_call(call, std::move(claimed), std::move(outcome));
}

void SLUICE_CALL post(sluice_call* handle, sluice_fn function, void* user) {
    const call_handle call = call_slots::from_abi(handle);
    post_for_connector(call, [call, function, user](live_call& live) {
        call_connector(call, *live.stats, [&] { function(user); });
    });
}

void write_line(const host_ports& ports, connector_log_line line) {
    if (ports.on_log) return ports.on_log(std::move(line));
    base::log(line.level, line.message,
              {{"connector", line.connector},
               {"action", line.action},
               {"instance", line.scope.instance},
               {"flow", line.scope.flow},
               {"execution", base::execution_id_text(line.scope.execution)},
               {"fields", line.fields_json}});
}

void SLUICE_CALL log(const sluice_host* host, sluice_call* handle, std::uint32_t level,
                     sluice_str message, sluice_str fields_json) {
    connector_log_line line;
    line.level = to_level(level);
    line.message = to_view(message);
    line.fields_json = to_view(fields_json);
    std::shared_ptr<environment> shared;
    call_slots::with(call_slots::from_abi(handle), [&](const live_call& live) {
        shared = live.owner->shared;
        line.connector = live.stats->connector;
        line.action = live.stats->action;
        line.scope = live.input.scope;
    });
    if (shared) return write_line(shared->ports, std::move(line));
    const auto* owner = host ? static_cast<const connector_state*>(host->impl) : nullptr;
    base::log(line.level, line.message,
              {{"connector", owner ? owner->name : "unknown"}, {"fields", line.fields_json}});
}

const void* SLUICE_CALL service(const sluice_host* host, const char* id) {
    if (host == nullptr || id == nullptr) return nullptr;
    const host_ports& ports = static_cast<const connector_state*>(host->impl)->shared->ports;
    const service_entry* found = find_service(id);
    if (found == nullptr) return nullptr;
    const bool missing = (found->needs == service_port::http && !ports.http) ||
                         (found->needs == service_port::state && !ports.state);
    return missing ? nullptr : found->table;
}

}  // namespace

base::log_level to_level(std::uint32_t level) {
    if (level == SLUICE_LOG_DEBUG) return base::log_level::debug;
    if (level == SLUICE_LOG_INFO) return base::log_level::info;
    if (level == SLUICE_LOG_WARNING) return base::log_level::warning;
    return base::log_level::error;
}

sluice_host make_host_table(connector_state& state) {
    sluice_host table = {};
    table.size = sizeof(sluice_host);
    table.abi_minor = SLUICE_ABI_MINOR;
    table.impl = &state;
    table.service = service;
    table.complete = complete;
    table.fail = fail;
    table.post = post;
    table.log = log;
    return table;
}

}  // namespace sluice::plugin
