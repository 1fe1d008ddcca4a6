#include "file_writer.hpp"

#include <fcntl.h>

namespace sluice::sftp {

file_writer::file_writer(session& to, const std::string& path, std::uint64_t begin,
                         request_size& size)
    : session_(to),
      path_(path),
      size_(size),
      position_(begin),
      file_(to.open(path, O_WRONLY | O_CREAT | (begin == 0 ? O_TRUNC : 0))) {
    if (sftp_seek64(file_.get(), begin) != 0) to.fail("cannot write " + path);
}

void file_writer::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const std::size_t written = write_piece(bytes);
        position_ += written;
        bytes.remove_prefix(written);
    }
}

std::size_t file_writer::write_piece(std::string_view bytes) {
    bytes = bytes.substr(0, size_.bytes());
    const bool risky = bytes.size() > 32 * 1024 && size_.can_shrink();
    session_.ask();
    const auto written = sftp_write(file_.get(), bytes.data(), bytes.size());
    if (written > 0) {
        if (risky) size_.prove();
        return static_cast<std::size_t>(written);
    }
    if (!risky) session_.fail("cannot write " + path_);
    size_.shrink();
    if (!session_.usable()) session_.fail("cannot write " + path_);
    if (sftp_seek64(file_.get(), position_) != 0) session_.fail("cannot write " + path_);
    return write_piece(bytes);
}

void file_writer::finish() {
    session_.flush(file_.get(), path_);
    session_.ask();
    if (sftp_close(file_.release()) != SSH_OK) session_.fail("cannot write " + path_);
}

}  // namespace sluice::sftp
