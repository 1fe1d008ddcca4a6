#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <optional>
#include <sluice/append_place.hpp>
#include <sluice/content.hpp>
#include <sluice/option.hpp>
#include <sluice/step_hash.hpp>
#include <utility>

#include "errors.hpp"
#include "file_bytes.hpp"
#include "files.hpp"
#include "paths.hpp"
#include "root.hpp"

namespace files {

using sluice::content;
using sluice::failure;

namespace {

constexpr std::chrono::milliseconds longest_wait(60'000);

// One step at a time appends to a file, of whatever flow or process. Nothing when another one does
// now. The lock ends with the descriptor: also when the process is killed.
std::optional<file_descriptor> try_to_lock(const context& ctx, const std::string& path,
                                           bool create) {
    constexpr unsigned usual = 0666;  // less the umask
    file_descriptor bytes =
        root(ctx).open(path, O_RDWR | (create ? O_CREAT : 0), create ? usual : 0);
    if (info_of_open(bytes, path).type != file_type::file) {
        throw failure(SLUICE_INVALID_INPUT, "'" + path + "' is no file");
    }
    // Without waiting: those who wait would fill the pool, and who has the lock needs it, too.
    if (::flock(bytes.get(), LOCK_EX | LOCK_NB) == 0) return bytes;
    if (errno == EWOULDBLOCK || errno == EINTR) return std::nullopt;
    throw failure_of(errno, "cannot lock", path);
}

task<file_descriptor> lock(context& ctx, const std::string& path, bool create) {
    std::chrono::milliseconds waited(0);
    std::chrono::milliseconds pause(5);
    for (;;) {
        const auto attempt = [&] { return try_to_lock(ctx, path, create); };
        auto trying = ctx.off_loop(attempt);
        std::optional<file_descriptor> locked = co_await trying;
        if (locked) co_return std::move(*locked);
        if (waited >= longest_wait) {
            throw failure(SLUICE_UNAVAILABLE, "others keep '" + path + "' locked");
        }
        auto pausing = ctx.sleep(pause);
        co_await pausing;
        waited += pause;
        pause = std::min(pause * 2, std::chrono::milliseconds(100));
    }
}

// Writes what is not there yet of a piece that belongs at the offset. What is there must be the
// same: otherwise somebody else has written in between.
void complete(const file_descriptor& file, std::uint64_t offset, std::string_view piece,
              const std::string& path) {
    const std::string there = read_at(file, offset, piece.size(), path);
    if (!piece.starts_with(there)) {
        throw failure(SLUICE_CONFLICT, "'" + path +
                                           "' has other content where an earlier try of this step "
                                           "began to append");
    }
    write_at(file, offset + there.size(), piece.substr(there.size()), path);
}

}  // namespace

task<json> connector::append(context& ctx, const json& input) {
    const std::string path = required_path(input, "path");
    const content source = content::of(ctx, input);
    const bool create = sluice::bool_option(input, "create", true);
    const std::int64_t expected = sluice::int_option(input, "at", -1, 0, INT64_MAX);
    task<file_descriptor> locking = lock(ctx, path, create);
    const file_descriptor file = co_await locking;

    const auto measure = [&] {
        const std::uint64_t size = info_of_open(file, path).size;
        if (expected >= 0 && static_cast<std::uint64_t>(expected) != size) {
            throw failure(SLUICE_CONFLICT, "'" + path + "' has " + std::to_string(size) +
                                               " bytes, not " + std::to_string(expected));
        }
        return size;
    };
    task<std::uint64_t> finding = sluice::find_append_place(
        ctx, ctx.connection_string("root") + '/' + path, step_hash(ctx, path), measure);
    const std::uint64_t begin = co_await finding;
    for (std::uint64_t done = 0; done < source.size();) {
        task<std::string> reading = source.read(done, piece_bytes);
        const std::string piece = co_await reading;
        if (piece.empty()) break;
        const auto add = [&] { complete(file, begin + done, piece, path); };
        auto adding = ctx.off_loop(add);
        co_await adding;
        done += piece.size();
    }
    const auto settle = [&] { sync(file, path); };
    auto settling = ctx.off_loop(settle);
    co_await settling;
    co_return json{{"path", path}, {"at", begin}, {"size", begin + source.size()}};
}

}  // namespace files
