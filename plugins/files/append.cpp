#include <fcntl.h>

#include <cstdint>
#include <optional>
#include <sluice/content.hpp>
#include <sluice/encoding.hpp>
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

constexpr std::size_t remembered_steps = 50;

// Where each of the last steps that appended to a file began: {"steps": [{"step", "at"}]}. A step
// that is repeated goes on there and writes nothing twice.
std::optional<std::uint64_t> begin_of(const json& known, const std::string& step) {
    for (const json& each : known["steps"].items()) {
        if (each.get_or("step", "") == step) return each["at"].as_uint64();
    }
    return std::nullopt;
}

json with_step(const json& known, const std::string& step, std::uint64_t at) {
    const json::array_type& old = known["steps"].items();
    json::array_type steps;
    const std::size_t skip = old.size() >= remembered_steps ? old.size() - remembered_steps + 1 : 0;
    for (std::size_t i = skip; i < old.size(); ++i)
        steps.push_back(old[i]);
    steps.push_back(json{{"step", step}, {"at", at}});
    return json{{"steps", json::array(std::move(steps))}};
}

std::string state_key(std::string_view file) {
    const auto digest = sluice::sha256(file);
    return "append/" +
           sluice::base64_encode({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

struct open_end {
    file_descriptor bytes;
    std::uint64_t size = 0;
};

open_end open_for_appending(const context& ctx, const std::string& path, bool create) {
    const root folder(ctx);
    constexpr unsigned usual = 0666;  // less the umask
    file_descriptor bytes = folder.open(path, O_RDWR | (create ? O_CREAT : 0), create ? usual : 0);
    const file_info info = info_of_open(bytes, path);
    if (info.type != file_type::file) {
        throw failure(SLUICE_INVALID_INPUT, "'" + path + "' is no file");
    }
    return {std::move(bytes), info.size};
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
    const std::string step = step_hash(ctx, path);
    const std::string key = state_key(ctx.connection_string("root") + '/' + path);
    const auto open = [&] { return open_for_appending(ctx, path, create); };
    auto opening = ctx.off_loop(open);
    const open_end file = co_await opening;

    std::optional<std::uint64_t> at;
    while (!at) {
        auto asking = ctx.state().get(key);
        const std::optional<sluice::state_entry> known = co_await asking;
        at = known ? begin_of(known->value, step) : std::nullopt;
        if (at) break;
        const std::int64_t expected = sluice::int_option(input, "at", -1, 0, INT64_MAX);
        if (expected >= 0 && static_cast<std::uint64_t>(expected) != file.size) {
            throw failure(SLUICE_CONFLICT, "'" + path + "' has " + std::to_string(file.size) +
                                               " bytes, not " + std::to_string(expected));
        }
        auto noting =
            ctx.state().compare_and_set(key, known ? known->version : 0,
                                        with_step(known ? known->value : json(), step, file.size));
        const bool noted = co_await noting;
        if (noted) at = file.size;
    }
    const std::uint64_t begin = *at;
    for (std::uint64_t done = 0; done < source.size();) {
        task<std::string> reading = source.read(done, piece_bytes);
        const std::string piece = co_await reading;
        if (piece.empty()) break;
        const auto add = [&] { complete(file.bytes, begin + done, piece, path); };
        auto adding = ctx.off_loop(add);
        co_await adding;
        done += piece.size();
    }
    const auto settle = [&] { sync(file.bytes, path); };
    auto settling = ctx.off_loop(settle);
    co_await settling;
    co_return json{{"path", path}, {"at", begin}, {"size", begin + source.size()}};
}

}  // namespace files
