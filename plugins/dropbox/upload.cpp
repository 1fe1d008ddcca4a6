#include <cstdint>
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
    copy_member(commit, input, "autorename", "autorename");
    copy_member(commit, input, "clientModified", "client_modified");
    copy_member(commit, input, "mute", "mute");
    copy_member(commit, input, "strictConflict", "strict_conflict");
    return commit;
}

std::int64_t in_range(const json& input, const char* key, std::int64_t usual, std::int64_t least,
                      std::int64_t most) {
    if (input[key].is_null()) return usual;
    const std::int64_t given = required_int(input, key);
    if (given < least || given > most) {
        throw failure(SLUICE_INVALID_INPUT, std::string("'") + key + "' must be " +
                                                std::to_string(least) + " to " +
                                                std::to_string(most));
    }
    return given;
}

std::uint64_t piece_of(const json& input) {
    const std::int64_t piece =
        in_range(input, "pieceSize", 2 * piece_unit, piece_unit, 36 * piece_unit);
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

task<json> upload_text(const api& dropbox, json commit, std::string text) {
    const std::string hash = content_hash_of(text);
    commit.set("content_hash", hash);
    task<answer> sent = dropbox.send("files/upload", std::move(commit), std::move(text));
    const answer told = co_await sent;
    json metadata = told.result();
    require_same(metadata, hash);
    co_return metadata;
}

}  // namespace

task<json> connector::upload(context& ctx, const json& input) {
    const api dropbox(ctx);
    json commit = commit_of(input);
    const auto most_at_once = static_cast<std::uint64_t>(
        in_range(input, "sessionAbove", largest_request, 0, largest_request));
    const std::uint64_t piece = piece_of(input);
    if (input["text"].is_string() == input["file"].is_object()) {
        throw failure(SLUICE_INVALID_INPUT, "the input needs either 'file' or 'text'");
    }
    if (input["text"].is_string()) {
        task<json> sent = upload_text(dropbox, commit, input["text"].as_string());
        const json metadata = co_await sent;
        co_return json{{"metadata", metadata}};
    }
    const blob content = ctx.find_blob(input["file"]);
    task<std::string> hashing = content_hash_of(content);
    const std::string hash = co_await hashing;
    json metadata;
    if (content.size() <= most_at_once) {
        commit.set("content_hash", hash);
        task<answer> sent = dropbox.send("files/upload", commit, content);
        const answer told = co_await sent;
        metadata = told.result();
    } else {
        upload_session session(ctx, dropbox, content, hash, piece);
        task<json> sent = session.run(commit);
        metadata = co_await sent;
    }
    require_same(metadata, hash);
    co_return json{{"metadata", metadata}};
}

}  // namespace sluice::dropbox
