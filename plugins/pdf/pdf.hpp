// The PDF connector: what its actions are. Each is documented for users in connector.json. All
// block: they draw, or wait for another program, on the connector's pool.
#pragma once

#include <sluice/connector.hpp>

namespace sluice::pdf {

class connector {
  public:
    connector();

    // report.cpp
    json report(context& ctx, const json& input);

    // extract.cpp
    json extract_text(context& ctx, const json& input);
    json inspect(context& ctx, const json& input);
};

}  // namespace sluice::pdf
