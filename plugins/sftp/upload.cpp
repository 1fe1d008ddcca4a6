#include <sluice/content.hpp>
#include <sluice/file_steps.hpp>
#include <sluice/option.hpp>
#include <sluice/step_hash.hpp>
#include "call_session.hpp"
#include "file_reader.hpp"
#include "file_writer.hpp"
#include "paths.hpp"
#include "sftp.hpp"

namespace sluice::sftp {
namespace {

// The file is written under a hidden name of this step, and gets its own name when it is whole: who
// watches the folder never sees half of it, and a repetition of the step goes on where the last
// try stopped.
class transfer {
  public:
    transfer(context& ctx, const json& input)
        : path_(required_path(input, "path")),
          source_(content::of(ctx, input)),
          overwrite_(overwrite_option(input, overwrite_policy::fail)),
          parents_(bool_option(input, "parents", false)),
          hidden_(hidden_beside(path_, step_hash(ctx, path_))) {
        if (overwrite_ == overwrite_policy::keep_both) {
            throw failure(SLUICE_INVALID_INPUT, "'overwrite' must be fail or replace");
        }
    }

    void run(session& server) {
        if (parents_) server.make_folders(std::string(folder_of(path_)));
        if (overwrite_ == overwrite_policy::fail && is_there_already(server)) return;
        or_clear(server, [&] {
            write(server);
            if (overwrite_ == overwrite_policy::replace) {
                server.replace(hidden_, path_);
            } else if (!server.rename(hidden_, path_)) {
                throw failure(SLUICE_CONFLICT, path_ + " exists already");
            }
        });
    }
    std::uint64_t progress() const noexcept { return written_; }
    json result() const {
        return json{{"path", path_},
                    {"name", std::string(name_of(path_))},
                    {"size", source_.size()},
                    {"resumedAt", resumed_at_}};
    }

  private:
    // An earlier try of this step may have got as far as giving it its name. Who else could have
    // put the very same bytes there does no harm either.
    bool is_there_already(session& server) {
        const auto found = server.find(path_);
        if (!found) return false;
        if (found->type != file_type::file || found->size != source_.size() || !is_equal(server)) {
            throw failure(SLUICE_CONFLICT, path_ + " exists already");
        }
        return true;
    }
    bool is_equal(session& server) {
        file_reader there(server, path_, 0, source_.size());
        for (std::uint64_t offset = 0; offset < source_.size();) {
            const std::string bytes = there.next();
            if (source_.read_wait(offset, bytes.size()) != bytes) return false;
            offset += bytes.size();
        }
        return true;
    }

    void write(session& server) {
        const auto begun = server.find_link(hidden_);
        std::uint64_t offset = begun && begun->size <= source_.size() ? begun->size : 0;
        resumed_at_ = offset;
        file_writer target(server, hidden_, offset, request_size_);
        constexpr std::size_t piece = std::size_t{1000} * 1024;
        while (offset < source_.size()) {
            const std::string bytes = source_.read_wait(offset, piece);
            if (bytes.empty()) throw failure(SLUICE_INTERNAL, "the file became shorter");
            target.write(bytes);
            offset += bytes.size();
            written_ = offset;
        }
        target.finish();
        const file_info whole = server.stat(hidden_);
        if (whole.size != source_.size()) {
            throw failure(SLUICE_UNAVAILABLE, "the server kept " + std::to_string(whole.size) +
                                                  " of " + std::to_string(source_.size()) +
                                                  " bytes of " + path_);
        }
    }

    // What the server refuses for good leaves nothing: on a full disk half a file is in everybody's
    // way. Some find out only when the file is closed.
    template <class Work>
    void or_clear(session& server, Work work) {
        try {
            work();
        } catch (const connection_lost&) {
            throw;
        } catch (const failure& refused) {
            if (refused.code() != SLUICE_CANCELLED) clear(server);
            throw;
        }
    }
    void clear(session& server) const {
        try {
            server.remove_file(hidden_);
        } catch (const failure&) {  // what led here says more
        }
    }

    std::string path_;
    content source_;
    overwrite_policy overwrite_;
    bool parents_;
    std::string hidden_;
    request_size request_size_;
    std::uint64_t written_ = 0;
    std::uint64_t resumed_at_ = 0;
};

}  // namespace

json connector::upload(context& ctx, const json& input) {
    transfer running(ctx, input);
    call_session connected(ctx, dog_);
    for (;;) {
        try {
            running.run(connected.get());
            return running.result();
        } catch (const connection_lost& why) {
            connected.lost(why, running.progress());
        }
    }
}

}  // namespace sluice::sftp
