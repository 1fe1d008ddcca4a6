#include <string>

#include "api.hpp"
#include "begun_step.hpp"
#include "dropbox.hpp"

namespace sluice::dropbox {
namespace {

json relocation_argument(const json& input) {
    json argument{{"from_path", required_string(input, "from")},
                  {"to_path", required_string(input, "to")}};
    copy_member(argument, input, "autorename", "autorename");
    copy_member(argument, input, "allowOwnershipTransfer", "allow_ownership_transfer");
    return argument;
}

// What is at the path; null when nothing is.
task<json> look_at(const api& dropbox, std::string path) {
    task<answer> asked = dropbox.ask("files/get_metadata", json{{"path", path}});
    const answer found = co_await asked;
    if (found.why.begins("path/not_found")) co_return json();
    co_return found.result();
}

bool is_same_file(const json& one, const json& other) {
    return one["content_hash"].is_string() && one["content_hash"] == other["content_hash"];
}

// What an earlier attempt of this step has left at the new place, when Dropbox refuses to do it
// once more. Null: it has done nothing, the refusal counts.
task<json> done_before(const api& dropbox, const json& argument, const reason& why) {
    const std::string from = argument.get_or("from_path", "");
    const std::string to = argument.get_or("to_path", "");
    if (why.begins("from_lookup/not_found")) {  // it has been moved away
        task<json> looking = look_at(dropbox, to);
        co_return co_await looking;
    }
    if (!why.begins("to/conflict/file")) co_return json();
    task<json> at_from = look_at(dropbox, from);  // it has been copied
    const json original = co_await at_from;
    task<json> at_to = look_at(dropbox, to);
    const json copy = co_await at_to;
    co_return is_same_file(original, copy) ? copy : json();
}

task<json> relocate(context& ctx, std::string route, const json& input) {
    const api dropbox(ctx);
    const json argument = relocation_argument(input);
    const begun_step step(ctx, route);
    task<bool> beginning = step.begin_again();
    const bool repeated = co_await beginning;
    task<answer> asked = dropbox.ask("files/" + route, argument);
    const answer told = co_await asked;
    json metadata;
    if (told.refused && repeated) {
        task<json> looking = done_before(dropbox, argument, told.why);
        metadata = co_await looking;
    }
    // After an error of its own Dropbox may have done it all the same.
    const bool has_done_nothing =
        told.refused && metadata.is_null() && told.refused->code() != SLUICE_UNAVAILABLE;
    if (has_done_nothing) {
        task<void> forgetting = step.forget();
        co_await forgetting;
    }
    if (metadata.is_null()) metadata = told.result()["metadata"];
    co_return json{{"metadata", metadata}};
}

}  // namespace

task<json> connector::move(context& ctx, const json& input) {
    task<json> moved = relocate(ctx, "move_v2", input);
    co_return co_await moved;
}

task<json> connector::copy(context& ctx, const json& input) {
    task<json> copied = relocate(ctx, "copy_v2", input);
    co_return co_await copied;
}

}  // namespace sluice::dropbox
