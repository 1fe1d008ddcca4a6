// By what we know our own webhooks at GitHub.
#pragma once

#include <set>
#include <sluice/connector.hpp>
#include <string>
#include <vector>

#include "api.hpp"

namespace sluice::github {

// The path of the address that GitHub's webhook sends to; empty when it has none.
std::string path_of(const json& hook);

// The paths of the addresses by which webhooks are ours, whatever their hosts; the root is
// nobody's.
std::set<std::string> paths_of(const json& addresses);

// The webhooks of the input's repository or organization that have one of the paths.
task<std::vector<json>> hooks_with(const api& github, json input, std::set<std::string> paths);

}  // namespace sluice::github
