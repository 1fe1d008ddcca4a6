// Large files go up in pieces, and go on where they were after a broken line or a restart.
#pragma once

#include <cstdint>
#include <sluice/connector.hpp>
#include <string>

#include "api.hpp"
#include "begun_work.hpp"

namespace sluice::dropbox {

class upload_session {
  public:
    // `piece` is a multiple of 4 MiB. All must outlive this object.
    upload_session(const context& ctx, const api& dropbox, blob content, std::string content_hash,
                   std::uint64_t piece);

    // Sends what has not been sent yet, then makes the file: Dropbox's metadata of it.
    task<json> run(json commit);

  private:
    // Whether Dropbox still knows the session.
    task<bool> append_rest();
    task<void> start();
    task<std::string> read_piece();
    task<void> remember();
    // The file at the path of the commit when it has this content already, otherwise null.
    task<json> find_finished(json commit);
    task<answer> finish(json commit);

    const api& dropbox_;
    blob content_;
    std::string content_hash_;
    std::uint64_t piece_;
    begun_work work_;
    std::string id_;
    std::uint64_t offset_ = 0;
};

}  // namespace sluice::dropbox
