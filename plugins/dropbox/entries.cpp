#include <exception>

#include "api.hpp"
#include "begun_step.hpp"
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
    const begun_step step(ctx, "delete");
    const bool missing_ok = input.get_or("missingOk", false);
    bool may_be_gone = missing_ok;
    if (!missing_ok) {
        task<bool> beginning = step.begin_again();
        may_be_gone = co_await beginning;
    }
    task<answer> asked = dropbox.ask("files/delete_v2", argument);
    const answer told = co_await asked;
    if (may_be_gone && told.why.begins("path_lookup/not_found")) {
        co_return json{{"deleted", !missing_ok}, {"metadata", nullptr}};
    }
    if (told.refused && told.refused->code() != SLUICE_UNAVAILABLE && !missing_ok) {
        task<void> forgetting = step.forget();
        co_await forgetting;
    }
    const json metadata = told.result()["metadata"];
    co_return json{{"deleted", true}, {"metadata", metadata}};
}

}  // namespace sluice::dropbox
