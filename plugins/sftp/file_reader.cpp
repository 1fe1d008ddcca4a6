#include "file_reader.hpp"

#include <fcntl.h>

#include <algorithm>

namespace sluice::sftp {
namespace {

constexpr std::size_t most_under_way = 32;

}  // namespace

file_reader::file_reader(session& from, const std::string& path, std::uint64_t begin,
                         std::uint64_t end)
    : session_(from),
      path_(path),
      file_(from.open(path, O_RDONLY)),
      given_(begin),
      asked_(begin),
      end_(end) {
    if (sftp_seek64(file_.get(), begin) != 0) from.fail("cannot read " + path);
}

file_reader::~file_reader() {
    // Their answers would be taken for those of later requests.
    if (!under_way_.empty()) session_.give_up();
}

void file_reader::ask() {
    while (under_way_.size() < most_under_way && asked_ < end_) {
        const auto size =
            static_cast<std::uint32_t>(std::min<std::uint64_t>(piece_, end_ - asked_));
        const int id = sftp_async_read_begin(file_.get(), size);
        if (id < 0) session_.fail("cannot read " + path_);
        under_way_.push_back({static_cast<std::uint32_t>(id), size});
        asked_ += size;
    }
}

std::string file_reader::next() {
    std::string bytes;
    if (given_ == end_) return bytes;
    ask();
    const request asked = under_way_.front();
    const std::uint32_t got = wait_for(asked, bytes);
    under_way_.pop_front();
    given_ += got;
    if (got == 0) {
        throw failure(SLUICE_CONFLICT, path_ + " became shorter while it was read");
    }
    if (got < asked.size) {
        // The server gives less at a time. What was asked for behind the gap is of no use.
        std::string unused;
        for (const request& other : under_way_)
            wait_for(other, unused);
        under_way_.clear();
        piece_ = std::max<std::uint32_t>(got, 1024);
        asked_ = given_;
        if (sftp_seek64(file_.get(), given_) != 0) session_.fail("cannot read " + path_);
    }
    return bytes;
}

std::uint32_t file_reader::wait_for(const request& asked, std::string& into) {
    session_.ask();
    into.resize(asked.size);
    // Once it has seen the end, libssh would not even take the answers to the other requests.
    file_->eof = 0;
    const int got = sftp_async_read(file_.get(), into.data(), asked.size, asked.id);
    if (got < 0) session_.fail("cannot read " + path_);
    into.resize(static_cast<std::size_t>(got));
    return static_cast<std::uint32_t>(got);
}

}  // namespace sluice::sftp
