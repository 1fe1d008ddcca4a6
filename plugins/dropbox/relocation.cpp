#include <sluice/begun_step.hpp>
#include <sluice/file_names.hpp>
#include <sluice/option.hpp>
#include <sluice/step_hash.hpp>
#include <string>
#include <utility>

#include "api.hpp"
#include "dropbox.hpp"

namespace sluice::dropbox {
namespace {

json relocation_argument(const json& input) {
    json argument{{"from_path", required_string(input, "from")},
                  {"to_path", required_string(input, "to")}};
    copy_member(argument, input, "allowOwnershipTransfer", "allow_ownership_transfer");
    return argument;
}

// What is at the path, or has the id; null when nothing is.
task<json> look_at(const api& dropbox, json path) {
    task<answer> asked = dropbox.ask("files/get_metadata", json{{"path", std::move(path)}});
    const answer found = co_await asked;
    if (found.why.begins("path/not_found")) co_return json();
    co_return found.result();
}

bool is_same_file(const json& one, const json& other) {
    return one["content_hash"].is_string() && one["content_hash"] == other["content_hash"];
}

// After an error of its own Dropbox may have done it all the same.
bool has_done_nothing(const answer& told) {
    return told.refused && told.refused->code() != SLUICE_UNAVAILABLE;
}

// Where an earlier attempt has moved the entry that it noted; null when it is where it was.
task<json> moved_before(const api& dropbox, json noted, json argument, bool renames) {
    task<json> looking = look_at(dropbox, noted["id"]);
    const json found = co_await looking;
    if (!found.is_null()) {
        const bool is_there =
            found["path_lower"] == noted["path_lower"] && found["name"] == noted["name"];
        if (is_there) co_return json();
        if (renames) co_return found;
        task<json> at_target = look_at(dropbox, argument["to_path"]);
        const json arrived = co_await at_target;
        if (arrived["id"] == noted["id"]) co_return arrived;
        throw failure(SLUICE_NOT_FOUND, "somebody else has moved it");
    }
    if (renames) co_return json();
    // In another namespace it may have another id.
    task<json> at_new_place = look_at(dropbox, argument["to_path"]);
    const json there = co_await at_new_place;
    co_return is_same_file(noted, there) ? there : json();
}

}  // namespace

task<json> connector::move(context& ctx, const json& input) {
    const api dropbox(ctx);
    const bool renames = bool_option(input, "autorename", false);
    json argument = relocation_argument(input);
    if (renames) argument.set("autorename", true);
    const begun_step step(ctx, "dropbox/move");
    task<json> remembering = step.earlier();
    const json noted = co_await remembering;
    const bool repeated = !noted.is_null();
    if (repeated) {
        task<json> looking = moved_before(dropbox, noted, argument, renames);
        const json moved = co_await looking;
        if (!moved.is_null()) co_return json{{"metadata", moved}};
        // By its id: at the old place may be something else by now.
        argument.set("from_path", noted["id"]);
    } else {
        task<json> looking =
            dropbox.call("files/get_metadata", json{{"path", argument["from_path"]}});
        const json entry = co_await looking;
        json kept = json::object();
        for (const char* key : {"id", "path_lower", "name", "content_hash"})
            kept.set(key, entry[key]);
        task<void> noting = step.note(kept);
        co_await noting;
    }
    task<answer> asked = dropbox.ask("files/move_v2", argument);
    const answer told = co_await asked;
    if (has_done_nothing(told) && !repeated) {
        task<void> forgetting = step.forget();
        co_await forgetting;
    }
    const json metadata = told.result()["metadata"];
    co_return json{{"metadata", metadata}};
}

task<json> connector::copy(context& ctx, const json& input) {
    const api dropbox(ctx);
    const bool renames = bool_option(input, "autorename", false);
    json argument = relocation_argument(input);
    const std::string to = argument.get_or("to_path", "");
    const std::string other = with_hash(to, step_hash(ctx, to));
    const begun_step step(ctx, "dropbox/copy");
    task<bool> beginning = step.begin_again();
    const bool repeated = co_await beginning;
    if (repeated && renames) {
        task<json> looking = look_at(dropbox, other);
        const json made = co_await looking;
        if (!made.is_null()) co_return json{{"metadata", made}};
    }
    task<answer> asked = dropbox.ask("files/copy_v2", argument);
    answer told = co_await asked;
    if (repeated && told.why.begins("to/conflict/file")) {
        task<json> at_from = look_at(dropbox, argument["from_path"]);
        const json original = co_await at_from;
        task<json> at_to = look_at(dropbox, to);
        const json made = co_await at_to;
        if (is_same_file(original, made)) co_return json{{"metadata", made}};
    }
    if (renames && told.why.begins("to/conflict")) {
        argument.set("to_path", other);
        task<answer> again = dropbox.ask("files/copy_v2", argument);
        told = co_await again;
    }
    if (has_done_nothing(told) && !repeated) {
        task<void> forgetting = step.forget();
        co_await forgetting;
    }
    const json metadata = told.result()["metadata"];
    co_return json{{"metadata", metadata}};
}

}  // namespace sluice::dropbox
