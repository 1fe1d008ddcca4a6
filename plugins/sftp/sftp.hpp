// The SFTP connector: what its actions are. Each is documented for users in connector.json.
//
// All of them can be repeated: a step that was interrupted anywhere is done again under the same
// idempotency key, finds what it had done, and goes on from there.
#pragma once

#include <memory>
#include <sluice/connector.hpp>

#include "watchdog.hpp"

namespace sluice::sftp {

class connector {
  public:
    json check_connection(context& ctx, const json& input);
    json list(context& ctx, const json& input);
    json list_new_files(context& ctx, const json& input);  // new_files.cpp

    // stat.cpp
    json stat(context& ctx, const json& input);
    json exists(context& ctx, const json& input);

    json download(context& ctx, const json& input);
    json upload(context& ctx, const json& input);
    task<json> append(context& ctx, const json& input);

    // folders.cpp
    json create_folder(context& ctx, const json& input);
    json remove(context& ctx, const json& input);

    // moving.cpp
    json move(context& ctx, const json& input);
    json claim(context& ctx, const json& input);
    json finish(context& ctx, const json& input);
    json fail(context& ctx, const json& input);

  private:
    std::shared_ptr<watchdog> dog_ = std::make_shared<watchdog>();
};

}  // namespace sluice::sftp
