#include "call_session.hpp"
#include "file_reader.hpp"
#include "paths.hpp"
#include "sftp.hpp"

namespace sluice::sftp {
namespace {

// One download, over as many connections as it takes.
class transfer {
  public:
    transfer(context& ctx, const json& input)
        : ctx_(ctx),
          path_(required_path(input, "path")),
          target_(ctx.create_blob(input["contentType"].is_null()
                                      ? "application/octet-stream"
                                      : required_string(input, "contentType"))) {}

    void go_on(session& server) {
        refuse_change(server.stat_file(path_));
        file_reader source(server, path_, written_, source_->size);
        while (written_ + buffer_.size() < source_->size) {
            buffer_ += source.next();
            if (buffer_.size() >= piece) flush();
        }
        flush();
        refuse_change(server.stat_file(path_));
    }
    // What is in the blob stays; what is not is asked for again.
    std::uint64_t keep_progress() {
        flush();
        return written_;
    }
    json result() const {
        target_.seal();
        json all = to_json(*source_, path_);
        all.set("file", target_.reference());
        return all;
    }

  private:
    static constexpr std::size_t piece = std::size_t{256} * 1024;

    void flush() {
        if (buffer_.empty()) return;
        target_.write_wait(buffer_);
        written_ += buffer_.size();
        buffer_.clear();
    }
    // Bytes of two versions of a file are worse than none.
    void refuse_change(const file_info& now) {
        if (!source_) source_ = now;
        if (now.size == source_->size && now.modified == source_->modified) return;
        throw failure(SLUICE_CONFLICT, path_ + " was changed while it was read");
    }

    context& ctx_;
    std::string path_;
    blob target_;
    std::optional<file_info> source_;
    std::string buffer_;
    std::uint64_t written_ = 0;
};

}  // namespace

json connector::download(context& ctx, const json& input) {
    transfer running(ctx, input);
    call_session connected(ctx, dog_);
    for (;;) {
        try {
            running.go_on(connected.get());
            return running.result();
        } catch (const connection_lost& why) {
            connected.lost(why, running.keep_progress());
        }
    }
}

}  // namespace sluice::sftp
