#include "manifest/manifest_testing.hpp"

namespace sluice::manifest {

std::string integration_with(std::string_view tasks) {
    return R"(manifest: "1"
integration: { namespace: acme, name: tickets, version: 1.2.3 }
connectors: { app: ^1.0, github: ^0.1 }
connections:
  app: { connector: app, type: apiKey }
  gh: { connector: github }
config:
  token: { type: secret, required: true }
  region: { type: string, default: eu }
  limit: { type: integer }
use:
  retries:
    transient: { delay: PT1S, limit: { attempt: { count: 2 } } }
  errors:
    badEvent: { type: "urn:bad", status: 422, title: "${ \"Bad \\(.id)\" }" }
  timeouts:
    api: { after: PT30S }
flows:
  main:
    trigger: { call: {} }
    do:
)" + std::string(tasks);
}

std::string problems_of(const std::string& text) {
    std::string all;
    for (const base::error& problem : parse_integration(text, "m.yaml").problems) {
        if (!all.empty()) all += '\n';
        all += std::to_string(problem.where->line) + ":" + std::to_string(problem.where->column) +
               ": " + problem.message;
        if (!problem.hint.empty()) all += " (" + problem.hint + ")";
    }
    return all;
}

}  // namespace sluice::manifest
