// XML as JSON and back: whole documents, and the records of files of any size.
//
// What makes XML dangerous is refused wherever it stands: a DOCTYPE, so there are no entities but
// the five of XML itself, and nothing is ever fetched.
#pragma once

#include <sluice/connector.hpp>

namespace xml {

using sluice::context;
using sluice::json;
using sluice::task;

class connector {
  public:
    explicit connector(sluice::host&) {}

    task<json> parse(context& ctx, const json& input);        // parse.cpp
    task<json> parse_items(context& ctx, const json& input);  // parse_items.cpp
    task<json> write(context& ctx, const json& input);        // write.cpp
};

}  // namespace xml
