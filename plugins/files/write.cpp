#include <fcntl.h>

#include <optional>
#include <sluice/content.hpp>
#include <sluice/file_names.hpp>
#include <sluice/option.hpp>
#include <sluice/step_hash.hpp>
#include <utility>

#include "file_bytes.hpp"
#include "files.hpp"
#include "paths.hpp"
#include "root.hpp"

namespace files {

using sluice::content;
using sluice::failure;

namespace {

// What a step does with the file, on the pool.
class file_writing {
  public:
    file_writing(const context& ctx, std::string path)
        : folder_(ctx),
          path_(std::move(path)),
          hidden_(sluice::hidden_beside(path_, step_hash(ctx, path_))) {}
    file_writing(const file_writing&) = delete;
    file_writing& operator=(const file_writing&) = delete;
    // A file that was not finished is of no use. (After a kill the next try writes over it.)
    ~file_writing() {
        try {
            if (bytes_) folder_.remove(hidden_);
        } catch (const failure&) {  // the failure that led here counts
        }
    }

    // The size of the file that is there, if there is one.
    std::optional<std::uint64_t> size_there() const {
        const std::optional<file_info> found = folder_.find(path_);
        if (!found) return std::nullopt;
        if (found->type == file_type::folder) {
            throw failure(SLUICE_CONFLICT, "'" + path_ + "' is a folder");
        }
        return found->size;
    }
    void begin(bool parents) {
        if (parents) folder_.make_folders(std::string(folder_of(path_)));
        constexpr unsigned usual = 0666;  // less the umask
        bytes_ = folder_.open(hidden_, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, usual);
    }
    void add(std::uint64_t offset, std::string_view bytes) const {
        write_at(bytes_, offset, bytes, hidden_);
    }
    // False: somebody else has made a file of this name meanwhile.
    bool finish(root::replacing how) {
        sync(bytes_, hidden_);
        if (!folder_.rename(hidden_, path_, how)) return false;
        bytes_ = file_descriptor();
        return true;
    }
    std::string there(std::uint64_t offset, std::size_t n) {
        if (!old_) old_ = folder_.open(path_, O_RDONLY);
        return read_at(old_, offset, n, path_);
    }
    const std::string& path() const { return path_; }

  private:
    root folder_;
    std::string path_;
    std::string hidden_;
    file_descriptor bytes_;  // of the hidden file, while it is one
    file_descriptor old_;
};

// Whether the file that is there has just this content: then an earlier try has written it, or
// nothing is lost by not writing it again.
task<bool> is_there(context& ctx, file_writing& file, const content& source) {
    const auto look = [&] { return file.size_there(); };
    auto looking = ctx.off_loop(look);
    const std::optional<std::uint64_t> size = co_await looking;
    if (size != source.size()) co_return false;
    for (std::uint64_t offset = 0; offset < source.size();) {
        task<std::string> reading = source.read(offset, piece_bytes);
        const std::string wanted = co_await reading;
        if (wanted.empty()) break;
        const auto compare = [&] { return file.there(offset, wanted.size()) == wanted; };
        auto comparing = ctx.off_loop(compare);
        const bool same = co_await comparing;
        if (!same) co_return false;
        offset += wanted.size();
    }
    co_return true;
}

json result_of(const std::string& path, std::uint64_t size, bool repeated) {
    return json{{"path", path}, {"name", name_of(path)}, {"size", size}, {"repeated", repeated}};
}

}  // namespace

// Under a hidden name first: nobody sees half a file.
task<json> connector::write(context& ctx, const json& input) {
    const std::string path = required_path(input, "path");
    const content source = content::of(ctx, input);
    const bool replace =
        sluice::choice_option(input, "overwrite", {"fail", "replace"}) == "replace";
    const bool parents = sluice::bool_option(input, "parents", false);
    file_writing file(ctx, path);
    if (!replace) {
        const auto look = [&] { return file.size_there(); };
        auto looking = ctx.off_loop(look);
        const std::optional<std::uint64_t> there = co_await looking;
        if (there) {
            task<bool> comparing = is_there(ctx, file, source);
            const bool same = co_await comparing;
            if (same) co_return result_of(path, source.size(), true);
            throw failure(SLUICE_CONFLICT, "there is another '" + path + "' already");
        }
    }
    const auto begin = [&] { file.begin(parents); };
    auto beginning = ctx.off_loop(begin);
    co_await beginning;
    std::uint64_t offset = 0;
    while (offset < source.size()) {
        task<std::string> reading = source.read(offset, piece_bytes);
        const std::string piece = co_await reading;
        if (piece.empty()) break;
        const auto add = [&] { file.add(offset, piece); };
        auto adding = ctx.off_loop(add);
        co_await adding;
        offset += piece.size();
    }
    const auto finish = [&] {
        return file.finish(replace ? root::replacing::allowed : root::replacing::refused);
    };
    auto finishing = ctx.off_loop(finish);
    const bool finished = co_await finishing;
    if (!finished) throw failure(SLUICE_CONFLICT, "there is another '" + path + "' already");
    co_return result_of(path, offset, false);
}

}  // namespace files
