#include <cstdint>
#include <sluice/file_names.hpp>
#include <sluice/option.hpp>
#include <sluice/step_hash.hpp>
#include <string>
#include <utility>

#include "api.hpp"
#include "content_hash.hpp"
#include "dropbox.hpp"
#include "upload_session.hpp"

namespace sluice::dropbox {
namespace {

constexpr std::int64_t mebibyte = std::int64_t{1024} * 1024;
constexpr std::int64_t largest_request = 150 * mebibyte;  // Dropbox's own
constexpr std::int64_t piece_unit = 4 * mebibyte;

json mode_of(const json& input) {
    const std::string mode = input.get_or("mode", "add");
    if (mode == "add" || mode == "overwrite") return mode;
    if (mode != "update") {
        throw failure(SLUICE_INVALID_INPUT, "'mode' must be add, overwrite or update");
    }
    return json{{".tag", "update"}, {"update", required_string(input, "rev")}};
}

json commit_of(const json& input) {
    json commit{{"path", required_string(input, "path")}, {"mode", mode_of(input)}};
    copy_member(commit, input, "clientModified", "client_modified");
    copy_member(commit, input, "mute", "mute");
    copy_member(commit, input, "strictConflict", "strict_conflict");
    return commit;
}

std::uint64_t piece_of(const json& input) {
    const std::int64_t piece =
        int_option(input, "pieceSize", 2 * piece_unit, piece_unit, 36 * piece_unit);
    if (piece % piece_unit != 0) {
        throw failure(SLUICE_INVALID_INPUT, "'pieceSize' must be a multiple of 4194304");
    }
    return static_cast<std::uint64_t>(piece);
}

void require_same(const json& metadata, const std::string& hash) {
    const std::string made = metadata.get_or("content_hash", hash);
    if (made != hash) {
        throw failure(SLUICE_UNAVAILABLE, "the file that Dropbox has made is not the one sent");
    }
}

// In one request: a text or a blob.
template <class Content>
task<json> upload_at_once(const api& dropbox, json commit, std::string other, std::string hash,
                          Content content) {
    commit.set("content_hash", hash);
    task<answer> sent = dropbox.send("files/upload", commit, content);
    answer told = co_await sent;
    if (!other.empty() && told.why.begins("path/conflict")) {
        commit = named(std::move(commit), other);
        task<answer> again = dropbox.send("files/upload", commit, content);
        told = co_await again;
    }
    co_return told.result();
}

}  // namespace

task<json> connector::upload(context& ctx, const json& input) {
    const api dropbox(ctx);
    const json commit = commit_of(input);
    const bool renames = bool_option(input, "autorename", false);
    if (renames && bool_option(input, "strictConflict", false)) {
        throw failure(SLUICE_INVALID_INPUT,
                      "with 'strictConflict', 'autorename' would make another file each time that "
                      "the step is repeated");
    }
    const std::string& path = required_string(input, "path");
    const std::string other = renames ? with_hash(path, step_hash(ctx, path)) : "";
    const auto most_at_once = static_cast<std::uint64_t>(
        int_option(input, "sessionAbove", largest_request, 0, largest_request));
    const std::uint64_t piece = piece_of(input);
    if (input["text"].is_string() == input["file"].is_object()) {
        throw failure(SLUICE_INVALID_INPUT, "the input needs either 'file' or 'text'");
    }
    std::string hash;
    json metadata;
    if (input["text"].is_string()) {
        const std::string text = input["text"].as_string();
        hash = content_hash_of(text);
        task<json> sent = upload_at_once(dropbox, commit, other, hash, text);
        metadata = co_await sent;
    } else {
        const blob content = ctx.find_blob(input["file"]);
        task<std::string> hashing = content_hash_of(content);
        hash = co_await hashing;
        if (content.size() <= most_at_once) {
            task<json> sent = upload_at_once(dropbox, commit, other, hash, content);
            metadata = co_await sent;
        } else {
            upload_session session(ctx, dropbox, content, hash, piece);
            task<json> sent = session.run(commit, other);
            metadata = co_await sent;
        }
    }
    require_same(metadata, hash);
    co_return json{{"metadata", metadata}};
}

}  // namespace sluice::dropbox
