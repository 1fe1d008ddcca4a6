// Reads a part of a file with many requests under way, so that the distance to the server costs
// once and not with each piece.
#pragma once

#include <cstdint>
#include <deque>
#include <sluice/connector.hpp>
#include <string>

#include "session.hpp"

namespace sluice::sftp {

class file_reader {
  public:
    // The bytes [begin, end) of the file.
    file_reader(session& from, const std::string& path, std::uint64_t begin, std::uint64_t end);
    file_reader(const file_reader&) = delete;
    file_reader& operator=(const file_reader&) = delete;
    ~file_reader();

    // The next bytes, as many as one answer holds; empty at the end. SLUICE_CONFLICT when the file
    // ends before `end`: it was changed.
    std::string next();

  private:
    struct request {
        std::uint32_t id;
        std::uint32_t size;
    };
    void ask();
    std::uint32_t wait_for(const request& asked, std::string& into);

    session& session_;
    std::string path_;
    file_pointer file_;
    std::uint64_t given_;  // up to here
    std::uint64_t asked_;  // up to here
    std::uint64_t end_;
    std::uint32_t piece_ = 32 * 1024;  // what every server answers at once
    std::deque<request> under_way_;
};

}  // namespace sluice::sftp
