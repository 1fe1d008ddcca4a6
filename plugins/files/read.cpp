#include <fcntl.h>

#include <memory>
#include <sluice/option.hpp>
#include <sluice/text_encoding.hpp>
#include <utility>

#include "file_bytes.hpp"
#include "files.hpp"
#include "paths.hpp"
#include "root.hpp"

namespace files {

using sluice::blob;
using sluice::failure;

namespace {

constexpr std::int64_t largest_text = 4 << 20;  // a result has at most 16 MiB as JSON

struct open_file {
    file_descriptor bytes;
    file_info info;
};

open_file open_for_reading(const context& ctx, const std::string& path) {
    const root folder(ctx);
    file_descriptor bytes = folder.open(path, O_RDONLY);
    const file_info info = info_of_open(bytes, path);
    if (info.type != file_type::file) {
        throw failure(SLUICE_INVALID_INPUT, "'" + path + "' is no file");
    }
    return {std::move(bytes), info};
}

void check_unchanged(const open_file& file) {
    const file_info now = info_of_open(file.bytes, file.info.path);
    if (now.size == file.info.size && now.modified == file.info.modified) return;
    throw failure(SLUICE_CONFLICT, "'" + file.info.path + "' was changed while it was read");
}

}  // namespace

task<json> connector::read(context& ctx, const json& input) {
    const std::string path = required_path(input, "path");
    const bool as_text = sluice::choice_option(input, "as", {"file", "text"}) == "text";
    const std::string type =
        sluice::string_option(input, "contentType", "application/octet-stream");
    const auto open = [&] { return open_for_reading(ctx, path); };
    auto opening = ctx.off_loop(open);
    const open_file file = co_await opening;
    if (as_text && file.info.size > static_cast<std::uint64_t>(largest_text)) {
        throw failure(SLUICE_INVALID_INPUT,
                      "'" + path + "' has more than 4 MiB: read it as a file");
    }
    blob out;
    if (!as_text) out = ctx.create_blob(type);
    std::string text;
    std::uint64_t offset = 0;
    for (;;) {
        const auto next = [&] { return read_at(file.bytes, offset, piece_bytes, path); };
        auto reading = ctx.off_loop(next);
        std::string piece = co_await reading;
        // What is appended meanwhile is found out below, and must not be read for ever.
        if (piece.empty() || offset > file.info.size) break;
        offset += piece.size();
        if (as_text) {
            text += piece;
        } else {
            co_await out.write(std::move(piece));
        }
    }
    const auto check = [&] { check_unchanged(file); };
    auto checking = ctx.off_loop(check);
    co_await checking;
    json output = to_json(file.info);
    if (as_text) {
        if (sluice::well_formed_size(text) != text.size()) {
            throw failure(SLUICE_INVALID_INPUT, "'" + path + "' is no UTF-8: read it as a file");
        }
        output.set("text", std::move(text));
    } else {
        out.seal();
        output.set("file", out.reference());
    }
    co_return output;
}

}  // namespace files
