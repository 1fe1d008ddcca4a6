#include "manifest/manifest_testing.hpp"

#include <gtest/gtest.h>

#include <utility>

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

std::string integration_of(std::string_view flows) {
    return R"(manifest: "1"
integration: { namespace: acme, name: flows, version: 1.0.0 }
connectors: { app: ^1.0, github: ^0.1 }
connections: { app: { connector: app, type: apiKey } }
config:
  token: { type: secret, required: true }
  region: { type: string, default: eu }
  at: { type: cron, default: "0 3 * * *", timezone: Europe/Berlin }
flows:
)" + std::string(flows);
}

integration loaded(const std::string& text) {
    auto outcome = parse_integration(text, "m.yaml");
    EXPECT_TRUE(outcome.ok()) << problems_of(text);
    return outcome.ok() ? std::move(*outcome.content) : integration();
}

namespace {

std::string lines_of(const std::vector<base::error>& found) {
    std::string all;
    for (const base::error& problem : found) {
        if (!all.empty()) all += '\n';
        all += std::to_string(problem.where->line) + ":" + std::to_string(problem.where->column) +
               ": " + problem.message;
        if (!problem.hint.empty()) all += " (" + problem.hint + ")";
    }
    return all;
}

}  // namespace

std::string problems_of(const std::string& text) {
    return lines_of(parse_integration(text, "m.yaml").problems);
}

std::string warnings_of(const std::string& text) {
    return lines_of(parse_integration(text, "m.yaml").warnings);
}

}  // namespace sluice::manifest
