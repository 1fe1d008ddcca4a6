// Writes to a file of the server at a place that the caller knows, so that writing again after a
// break does no harm.
#pragma once

#include <cstdint>
#include <sluice/connector.hpp>
#include <string>
#include <string_view>

#include "session.hpp"

namespace sluice::sftp {

// How much goes into one request. Each waits for its answer, so large ones are quick; but every
// server takes 32 KiB only. Outlives a broken connection: some servers close it instead of
// refusing.
class request_size {
  public:
    std::size_t bytes() const noexcept { return small_ ? small : large; }
    bool can_shrink() const noexcept { return !small_ && !proven_; }
    void shrink() noexcept { small_ = true; }
    void prove() noexcept { proven_ = true; }

  private:
    static constexpr std::size_t large = std::size_t{200} * 1024;
    static constexpr std::size_t small = std::size_t{32} * 1024;
    bool small_ = false;
    bool proven_ = false;
};

class file_writer {
  public:
    // Opens, and makes the file when there is none; what it holds stays.
    file_writer(session& to, const std::string& path, std::uint64_t begin, request_size& size);

    void write(std::string_view bytes);
    std::uint64_t position() const noexcept { return position_; }
    // Nothing is under way any more, and on the server's disk where it can tell.
    void finish();

  private:
    std::size_t write_piece(std::string_view bytes);

    session& session_;
    std::string path_;
    request_size& size_;
    std::uint64_t position_;
    file_pointer file_;
};

}  // namespace sluice::sftp
