#include <sluice/step_hash.hpp>
#include "call_session.hpp"
#include "file_reader.hpp"
#include "file_writer.hpp"
#include "options.hpp"
#include "paths.hpp"
#include "sftp.hpp"
#include "source_bytes.hpp"

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

task<std::string> read_all(context& ctx, const json& input) {
    const source_bytes source(ctx, input);
    if (source.size() > most_bytes) {
        throw failure(SLUICE_INVALID_INPUT, "more than 8 MiB to append: upload a file instead");
    }
    if (!source.is_file()) co_return source.text();
    std::string bytes;
    while (bytes.size() < source.size()) {
        std::string piece = co_await source.file().read(bytes.size(), std::size_t{256} * 1024);
        if (piece.empty()) throw failure(SLUICE_INTERNAL, "the file became shorter");
        bytes += piece;
    }
    co_return bytes;
}

// Where this step began to append. The last one of each file is remembered: long enough for a
// repetition, and no more of them than files.
task<std::uint64_t> find_place(context& ctx, const addition& wanted,
                               const std::shared_ptr<watchdog>& dog) {
    const std::string step = step_hash(ctx, wanted.path);
    std::string key = "append:" + wanted.path;
    constexpr std::size_t longest_key = 256;
    if (key.size() > longest_key) {
        throw failure(SLUICE_INVALID_INPUT, "'path' is too long to append to without 'at'");
    }
    const std::optional<state_entry> before = co_await ctx.state().get(key);
    if (before && before->value.get_or("step", "") == step)
        co_return before->value["at"].as_uint64();
    std::uint64_t at = 0;
    const auto look = [&] {
        const json found =
            on_session(ctx, dog, [&](session& server) { return json(length_of(server, wanted)); });
        at = found.as_uint64();
    };
    co_await ctx.off_loop(look);
    const json place{{"step", step}, {"at", at}};
    co_await ctx.state().set(key, place);
    co_return at;
}

}  // namespace

task<json> connector::append(context& ctx, const json& input) {
    addition wanted;
    wanted.path = required_path(input, "path");
    wanted.create = flag_or(input, "create", true);
    task<std::string> reading = read_all(ctx, input);
    wanted.bytes = co_await reading;
    std::uint64_t at = 0;
    if (input["at"].is_null()) {
        task<std::uint64_t> place = find_place(ctx, wanted, dog_);
        at = co_await place;
    } else {
        constexpr std::int64_t longest = std::int64_t{1} << 62;
        at = static_cast<std::uint64_t>(number_or(input, "at", 0, 0, longest));
    }
    const auto write = [&] {
        on_session(ctx, dog_, [&](session& server) {
            write_at(server, wanted, at);
            return json();
        });
    };
    co_await ctx.off_loop(write);
    co_return json{{"path", wanted.path}, {"at", at}, {"size", at + wanted.bytes.size()}};
}

}  // namespace sluice::sftp
