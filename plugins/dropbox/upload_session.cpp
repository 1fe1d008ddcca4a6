#include "upload_session.hpp"

#include <algorithm>
#include <exception>
#include <optional>
#include <utility>
#include <vector>

#include "content_hash.hpp"

namespace sluice::dropbox {
namespace {

constexpr std::size_t read_size = std::size_t{1} * 1024 * 1024;

// Dropbox has ended the session, or has forgotten it after a week.
bool is_gone(const reason& why) {
    for (const char* tags :
         {"not_found", "closed", "lookup_failed/not_found", "lookup_failed/closed"}) {
        if (why.begins(tags)) return true;
    }
    return false;
}

// Where Dropbox has got to; nothing when that is not what the refusal is about.
std::optional<std::uint64_t> correct_offset(const reason& why) {
    const json& about = why.begins("lookup_failed") ? why.error["lookup_failed"] : why.error;
    if (about.get_or(".tag", "") != "incorrect_offset") return std::nullopt;
    const json& offset = about["correct_offset"];
    if (!offset.is_int64() || offset.as_int64() < 0) return std::nullopt;
    return static_cast<std::uint64_t>(offset.as_int64());
}

bool may_be_tried_again(const failure& why) {
    return why.code() == SLUICE_UNAVAILABLE || why.code() == SLUICE_TIMEOUT ||
           why.code() == SLUICE_RATE_LIMITED || why.code() == SLUICE_CANCELLED ||
           why.http_status() == 401;
}

}  // namespace

json named(json commit, const std::string& other) {
    commit.set("path", other);
    commit.set("mode", "add");
    return commit;
}

upload_session::upload_session(const context& ctx, const api& dropbox, blob content,
                               std::string content_hash, std::uint64_t piece)
    : dropbox_(dropbox),
      content_(std::move(content)),
      content_hash_(std::move(content_hash)),
      piece_(piece),
      step_(ctx, "dropbox/upload") {}

task<std::string> upload_session::read_piece() {
    std::string bytes;
    const std::uint64_t wanted = std::min(piece_, content_.size() - offset_);
    bytes.reserve(wanted);
    while (bytes.size() < wanted) {
        auto reading = content_.read(offset_ + bytes.size(),
                                     std::min<std::size_t>(read_size, wanted - bytes.size()));
        const std::string part = co_await reading;
        if (part.empty()) throw failure(SLUICE_UNAVAILABLE, "the file ended early");
        bytes += part;
    }
    co_return bytes;
}

task<void> upload_session::remember() {
    const json now{{"session", id_}, {"offset", offset_}, {"content_hash", content_hash_}};
    task<void> noting = step_.note(now);
    co_await noting;
}

task<void> upload_session::start() {
    offset_ = 0;
    task<std::string> reading = read_piece();
    std::string bytes = co_await reading;
    const std::uint64_t size = bytes.size();
    const json argument{{"close", false}, {"content_hash", content_hash_of(bytes)}};
    task<answer> sent = dropbox_.send("files/upload_session/start", argument, std::move(bytes));
    const answer told = co_await sent;
    const json result = told.result();
    id_ = result.get_or("session_id", "");
    if (id_.empty()) throw failure(SLUICE_UNAVAILABLE, "Dropbox began no upload session");
    offset_ = size;
    task<void> noting = remember();
    co_await noting;
}

task<bool> upload_session::append_rest() {
    bool corrected = false;
    while (offset_ < content_.size()) {
        task<std::string> reading = read_piece();
        std::string bytes = co_await reading;
        const std::uint64_t size = bytes.size();
        const json cursor{{"session_id", id_}, {"offset", offset_}};
        const json argument{
            {"cursor", cursor}, {"close", false}, {"content_hash", content_hash_of(bytes)}};
        task<answer> sent =
            dropbox_.send("files/upload_session/append_v2", argument, std::move(bytes));
        const answer told = co_await sent;
        if (is_gone(told.why)) co_return false;
        if (const auto offset = correct_offset(told.why);
            offset && !corrected && *offset <= content_.size()) {
            offset_ = *offset;
            corrected = true;  // once for each piece that goes through: no endless correcting
            continue;
        }
        told.result();
        corrected = false;
        offset_ += size;
        task<void> noting = remember();
        co_await noting;
    }
    co_return true;
}

task<answer> upload_session::finish(json commit) {
    const json cursor{{"session_id", id_}, {"offset", offset_}};
    const json argument{{"cursor", cursor}, {"commit", std::move(commit)}};
    return dropbox_.send("files/upload_session/finish", argument, std::string());
}

task<answer> upload_session::finish_as_either(json commit, std::string other) {
    task<answer> finishing = finish(commit);
    answer told = co_await finishing;
    if (!other.empty() && told.why.begins("path/conflict")) {  // the session stays
        task<answer> again = finish(named(commit, other));
        told = co_await again;
    }
    co_return told;
}

task<json> upload_session::find_finished(std::string path) {
    task<answer> asked = dropbox_.ask("files/get_metadata", json{{"path", std::move(path)}});
    const answer there = co_await asked;
    if (there.refused || there.value["content_hash"] != json(content_hash_)) co_return json();
    co_return there.value;
}

task<json> upload_session::run(json commit, std::string other) {
    task<json> remembering = step_.earlier();
    const json earlier = co_await remembering;
    if (earlier["content_hash"] == json(content_hash_)) {
        id_ = earlier.get_or("session", "");
        offset_ = static_cast<std::uint64_t>(earlier.get_or("offset", std::int64_t{0}));
    }
    std::vector<std::string> places;  // where an earlier attempt may have made the file
    if (!commit.get_or("strict_conflict", false)) places.push_back(commit.get_or("path", ""));
    if (!other.empty()) places.push_back(other);
    std::exception_ptr refused;
    json made;
    bool gives_up = false;
    try {
        // Once more from the beginning when Dropbox does not know the session any more.
        for (int round = 0; made.is_null() && round < 2; ++round) {
            if (!id_.empty() || round > 0) {
                for (const std::string& path : places) {
                    task<json> looking = find_finished(path);
                    made = co_await looking;
                    if (!made.is_null()) break;
                }
                if (!made.is_null()) break;
            }
            if (id_.empty()) {
                task<void> starting = start();
                co_await starting;
            }
            task<bool> appending = append_rest();
            const bool known = co_await appending;
            if (known) {
                task<answer> finishing = finish_as_either(commit, other);
                const answer told = co_await finishing;
                if (!is_gone(told.why)) made = told.result();
            }
            if (made.is_null()) id_.clear();
        }
        if (made.is_null()) throw failure(SLUICE_UNAVAILABLE, "Dropbox lost the upload session");
    } catch (const failure& why) {
        refused = std::current_exception();
        gives_up = !may_be_tried_again(why);
    }
    if (refused == nullptr || gives_up) {
        task<void> forgetting = step_.forget();
        co_await forgetting;
    }
    if (refused != nullptr) std::rethrow_exception(refused);
    co_return made;
}

}  // namespace sluice::dropbox
