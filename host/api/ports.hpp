// What the routes of the admin API stand on.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "api/findings.hpp"
#include "base/clock.hpp"
#include "base/event_loop.hpp"
#include "base/ids.hpp"
#include "engine/engine.hpp"
#include "instance/changes.hpp"
#include "instance/connections.hpp"
#include "instance/deployments.hpp"
#include "instance/endpoint_keys.hpp"
#include "instance/lifecycle.hpp"
#include "store/store.hpp"

namespace sluice::api {

// Everything here outlives the API.
struct api_ports {
    base::event_loop& loop;
    base::clock& clock;
    base::id_generator& ids;
    store::store& store;
    instance::deployments& deployments;
    instance::changes& changes;
    instance::lifecycle& lifecycle;
    engine::engine& engine;
    instance::connections& connections;
    // Runs work that blocks on disk somewhere else than on the loop.
    std::function<void(std::function<void()>)> run_blocking;
    instance::endpoint_keys& keys;
    // What is wrong with the parts of a running host, beside what the store tells. Loop thread;
    // may be empty.
    std::function<std::vector<finding>()> live_findings = {};
    // The connectors and how each is run, as a list for JSON. Loop thread; may be empty.
    std::function<json::value()> connectors = {};
    // Takes a connector, by id, out of quarantine; false: there is none. Loop thread; may be empty.
    std::function<bool(const std::string&)> release_connector = {};
};

}  // namespace sluice::api
