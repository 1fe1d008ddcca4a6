// Files of a folder on this machine. Every action can be repeated after a crash: what an earlier
// try of the same step has done is found, not done again.
#pragma once

#include <sluice/connector.hpp>

namespace files {

using sluice::context;
using sluice::json;
using sluice::task;

class connector {
  public:
    explicit connector(sluice::host&) {}

    // list.cpp
    json check_connection(context& ctx, const json& input);
    json list(context& ctx, const json& input);
    json stat(context& ctx, const json& input);
    json exists(context& ctx, const json& input);
    // new_files.cpp
    json list_new_files(context& ctx, const json& input);
    // content
    task<json> read(context& ctx, const json& input);    // read.cpp
    task<json> write(context& ctx, const json& input);   // write.cpp
    task<json> append(context& ctx, const json& input);  // append.cpp
    // folders.cpp
    json move(context& ctx, const json& input);
    json remove(context& ctx, const json& input);
    json create_folder(context& ctx, const json& input);
    // claim.cpp
    json claim(context& ctx, const json& input);
    json finish(context& ctx, const json& input);
    json fail(context& ctx, const json& input);
};

}  // namespace files
