#include <sluice/begun_step.hpp>

#include "api.hpp"
#include "dropbox.hpp"

namespace sluice::dropbox {

task<json> connector::get_metadata(context& ctx, const json& input) {
    const api dropbox(ctx);
    json argument{{"path", required_string(input, "path")}};
    copy_member(argument, input, "includeDeleted", "include_deleted");
    copy_member(argument, input, "includeMediaInfo", "include_media_info");
    task<json> asked = dropbox.call("files/get_metadata", argument);
    co_return co_await asked;
}

task<json> connector::delete_entry(context& ctx, const json& input) {
    const api dropbox(ctx);
    json argument{{"path", required_string(input, "path")}};
    copy_member(argument, input, "rev", "parent_rev");
    const begun_step step(ctx, "dropbox/delete");
    const bool missing_ok = input.get_or("missingOk", false);
    bool repeated = false;
    if (!missing_ok) {
        task<bool> beginning = step.begin_again();
        repeated = co_await beginning;
    }
    task<answer> asked = dropbox.ask("files/delete_v2", argument);
    const answer told = co_await asked;
    if ((missing_ok || repeated) && told.why.begins("path_lookup/not_found")) {
        co_return json{{"deleted", !missing_ok}, {"metadata", nullptr}};
    }
    const bool has_done_nothing = told.refused && told.refused->code() != SLUICE_UNAVAILABLE;
    if (has_done_nothing && !missing_ok && !repeated) {
        task<void> forgetting = step.forget();
        co_await forgetting;
    }
    const json metadata = told.result()["metadata"];
    co_return json{{"deleted", true}, {"metadata", metadata}};
}

}  // namespace sluice::dropbox
