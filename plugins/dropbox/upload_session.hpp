// Large files go up in pieces, and go on where they were after a broken line or a restart.
#pragma once

#include <cstdint>
#include <sluice/begun_step.hpp>
#include <sluice/connector.hpp>
#include <string>

#include "api.hpp"

namespace sluice::dropbox {

// The same commit under another name, which is this step's own.
json named(json commit, const std::string& other);

class upload_session {
  public:
    // `piece` is a multiple of 4 MiB. All must outlive this object.
    upload_session(const context& ctx, const api& dropbox, blob content, std::string content_hash,
                   std::uint64_t piece);

    // Sends what has not been sent yet, then makes the file: Dropbox's metadata of it. `other` is
    // its name when the one of the commit is taken; empty: that is a failure.
    task<json> run(json commit, std::string other);

  private:
    // Whether Dropbox still knows the session.
    task<bool> append_rest();
    task<void> start();
    task<std::string> read_piece();
    task<void> remember();
    // The file at the path when it has this content already, otherwise null.
    task<json> find_finished(std::string path);
    task<answer> finish(json commit);
    task<answer> finish_as_either(json commit, std::string other);

    const api& dropbox_;
    blob content_;
    std::string content_hash_;
    std::uint64_t piece_;
    begun_step step_;
    std::string id_;
    std::uint64_t offset_ = 0;
};

}  // namespace sluice::dropbox
