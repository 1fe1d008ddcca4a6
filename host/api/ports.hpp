// What the routes of the admin API stand on.
#pragma once

#include <functional>
#include <vector>

#include "api/findings.hpp"
#include "base/clock.hpp"
#include "base/event_loop.hpp"
#include "base/ids.hpp"
#include "engine/engine.hpp"
#include "instance/deployments.hpp"
#include "store/store.hpp"

namespace sluice::api {

// Everything here outlives the API.
struct api_ports {
    base::event_loop& loop;
    base::clock& clock;
    base::id_generator& ids;
    store::store& store;
    instance::deployments& deployments;
    engine::engine& engine;
    // Runs work that blocks on disk somewhere else than on the loop.
    std::function<void(std::function<void()>)> run_blocking;
    // What is wrong with the parts of a running host, beside what the store tells. Loop thread;
    // may be empty.
    std::function<std::vector<finding>()> live_findings = {};
};

}  // namespace sluice::api
