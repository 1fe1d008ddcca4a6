// A flow of a manifest with the values that an offline run gives it.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "engine/bound_flow.hpp"
#include "json/value.hpp"
#include "manifest/integration.hpp"
#include "store/types.hpp"

namespace sluice::cli {

// A JSON or YAML file as a value; errors name the file and the place in it.
base::result<json::value> read_json_file(const std::filesystem::path& file);

// Without an instance: the defaults of the config variables, and connections that hold nothing
// (mocks do not look at them).
engine::bound_flow default_values(std::shared_ptr<const manifest::integration> integration);

// What $instance.webhooks holds offline: an address for each flow that has one.
json::value offline_webhooks(const manifest::integration& integration);

// The named flow, with `values`. not_found names the flows there are.
base::result<std::shared_ptr<const engine::bound_flow>> choose_flow(engine::bound_flow values,
                                                                    const std::string& flow);

// A step as `sluice run --json` and failed tests show it.
json::value step_json(const store::step_record& step);

}  // namespace sluice::cli
