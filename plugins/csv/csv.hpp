// Delimited text (CSV, RFC 4180) in files of any size: rows out of a file, batch by batch, and rows
// into a file.
#pragma once

#include <sluice/connector.hpp>

namespace csv {

using sluice::context;
using sluice::json;
using sluice::task;

class connector {
  public:
    explicit connector(sluice::host&) {}

    task<json> parse(context& ctx, const json& input);        // parse.cpp
    task<json> inspect(context& ctx, const json& input);      // inspect.cpp
    task<json> write(context& ctx, const json& input);        // write.cpp
    task<json> concatenate(context& ctx, const json& input);  // concatenate.cpp
};

}  // namespace csv
