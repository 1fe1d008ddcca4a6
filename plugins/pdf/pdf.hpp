// The PDF connector: what its actions are. Each is documented for users in connector.json.
#pragma once

#include <sluice/connector.hpp>

namespace sluice::pdf {

class connector {
  public:
    connector();

    // report.cpp
    task<json> report(context& ctx, const json& input);

    // extract.cpp
    task<json> extract_text(context& ctx, const json& input);
    task<json> inspect(context& ctx, const json& input);
};

}  // namespace sluice::pdf
