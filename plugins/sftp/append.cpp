#include <sluice/append_place.hpp>
#include <sluice/content.hpp>
#include <sluice/option.hpp>
#include <sluice/step_hash.hpp>

#include "call_session.hpp"
#include "file_reader.hpp"
#include "file_writer.hpp"
#include "paths.hpp"
#include "sftp.hpp"

namespace sluice::sftp {
namespace {

// It is held in memory: appending is for logs and lists.
constexpr std::uint64_t most_bytes = std::uint64_t{8} * 1024 * 1024;

struct addition {
    std::string path;
    std::string bytes;
    bool create = true;
};

std::uint64_t length_of(session& server, const addition& wanted) {
    const auto found = server.find(wanted.path);
    if (!found && !wanted.create) throw failure(SLUICE_NOT_FOUND, "there is no " + wanted.path);
    return found ? found->size : 0;
}

std::string read_part(session& server, const std::string& path, std::uint64_t begin,
                      std::uint64_t end) {
    file_reader source(server, path, begin, end);
    std::string bytes;
    while (begin + bytes.size() < end)
        bytes += source.next();
    return bytes;
}

// Writes at a place that was remembered before, so a repetition finds its own bytes there and goes
// on behind them.
void write_at(session& server, const addition& wanted, std::uint64_t at) {
    const std::uint64_t length = length_of(server, wanted);
    const std::uint64_t there = length < at ? 0 : std::min(length - at, wanted.bytes.size());
    const bool fits =
        length >= at && (there == 0 || read_part(server, wanted.path, at, at + there) ==
                                           wanted.bytes.substr(0, there));
    if (!fits) {
        throw failure(SLUICE_CONFLICT, wanted.path + " was changed by somebody else meanwhile");
    }
    if (there == wanted.bytes.size()) return;
    request_size size;
    file_writer target(server, wanted.path, at + there, size);
    target.write(std::string_view(wanted.bytes).substr(there));
    target.finish();
}

task<std::string> read_all(const content& source) {
    if (source.size() > most_bytes) {
        throw failure(SLUICE_INVALID_INPUT, "more than 8 MiB to append: upload a file instead");
    }
    std::string bytes;
    while (bytes.size() < source.size()) {
        task<std::string> reading = source.read(bytes.size(), std::size_t{256} * 1024);
        const std::string piece = co_await reading;
        if (piece.empty()) throw failure(SLUICE_INTERNAL, "the file became shorter");
        bytes += piece;
    }
    co_return bytes;
}

}  // namespace

task<json> connector::append(context& ctx, const json& input) {
    addition wanted;
    wanted.path = required_path(input, "path");
    wanted.create = bool_option(input, "create", true);
    const content source = content::of(ctx, input);
    task<std::string> reading = read_all(source);
    wanted.bytes = co_await reading;
    std::uint64_t at = 0;
    if (input["at"].is_null()) {
        const settings server = read_settings(ctx);
        const auto measure = [&] {
            const json found = on_session(
                ctx, dog_, [&](session& asked) { return json(length_of(asked, wanted)); });
            return found.as_uint64();
        };
        task<std::uint64_t> finding =
            find_append_place(ctx, server.username + '@' + address_of(server) + ' ' + wanted.path,
                              step_hash(ctx, wanted.path), measure);
        at = co_await finding;
    } else {
        constexpr std::int64_t longest = std::int64_t{1} << 62;
        at = static_cast<std::uint64_t>(int_option(input, "at", 0, 0, longest));
    }
    const auto write = [&] {
        on_session(ctx, dog_, [&](session& server) {
            write_at(server, wanted, at);
            return json();
        });
    };
    auto writing = ctx.off_loop(write);
    co_await writing;
    co_return json{{"path", wanted.path}, {"at", at}, {"size", at + wanted.bytes.size()}};
}

}  // namespace sluice::sftp
