#include <algorithm>
#include <sluice/begun_step.hpp>
#include <sluice/file_names.hpp>
#include <sluice/option.hpp>
#include <sluice/step_hash.hpp>
#include <utility>

#include "api.hpp"
#include "dropbox.hpp"
#include "listing.hpp"

namespace sluice::dropbox {
namespace {

bool is_wanted(const json& entry, const json& kinds) {
    if (kinds.is_null()) return true;
    const json::array_type& wanted = kinds.items();
    return std::any_of(wanted.begin(), wanted.end(),
                       [&](const json& kind) { return kind == entry[".tag"]; });
}

}  // namespace

json listing_argument(const json& input) {
    json argument{{"path", folder_path(input, "path")}};
    copy_member(argument, input, "recursive", "recursive");
    copy_member(argument, input, "includeDeleted", "include_deleted");
    copy_member(argument, input, "includeMountedFolders", "include_mounted_folders");
    copy_member(argument, input, "includeNonDownloadable", "include_non_downloadable_files");
    const std::int64_t limit = int_option(input, "limit", 0, 1, 2000);
    if (limit != 0) argument.set("limit", limit);
    return argument;
}

json page_of_entries(const json& found, const json& input) {
    if (!found["entries"].is_array() || !found["cursor"].is_string()) {
        throw failure(SLUICE_UNAVAILABLE, "Dropbox answered a list without entries or cursor");
    }
    const json kinds = input["kinds"].is_null() ? json() : required_array(input, "kinds");
    json::array_type items;
    for (const json& entry : found["entries"].items()) {
        if (is_wanted(entry, kinds)) items.push_back(entry);
    }
    return json{{"items", json::array(std::move(items))},
                {"cursor", found["cursor"]},
                {"more", found.get_or("has_more", false)}};
}

task<json> connector::list_folder(context& ctx, const json& input) {
    const api dropbox(ctx);
    const bool goes_on = !input["cursor"].is_null();
    const json argument =
        goes_on ? json{{"cursor", required_string(input, "cursor")}} : listing_argument(input);
    task<json> asked =
        dropbox.call(goes_on ? "files/list_folder/continue" : "files/list_folder", argument);
    const json found = co_await asked;
    co_return page_of_entries(found, input);
}

task<json> connector::create_folder(context& ctx, const json& input) {
    const api dropbox(ctx);
    const bool existing_ok = bool_option(input, "existingOk", false);
    const bool renames = bool_option(input, "autorename", false);
    const std::string path = required_string(input, "path");
    const std::string other = with_hash(path, step_hash(ctx, path));
    const begun_step step(ctx, "dropbox/create_folder");
    const bool notes = !existing_ok || renames;
    bool repeated = false;
    if (notes) {
        task<bool> beginning = step.begin_again();
        repeated = co_await beginning;
    }
    // The other name first: whether it is there decides what an earlier attempt has made.
    std::string place = path;
    if (repeated && renames) {
        task<answer> looking = dropbox.ask("files/get_metadata", json{{"path", other}});
        const answer found = co_await looking;
        if (!found.refused) place = other;
    }
    task<answer> asked = dropbox.ask("files/create_folder_v2", json{{"path", place}});
    answer made = co_await asked;
    const bool is_there = made.why.begins("path/conflict/folder") && (existing_ok || repeated);
    if (!is_there && renames && made.why.begins("path/conflict")) {
        place = other;
        task<answer> again = dropbox.ask("files/create_folder_v2", json{{"path", place}});
        made = co_await again;
    }
    if (is_there) {
        task<json> looking = dropbox.call("files/get_metadata", json{{"path", place}});
        const json there = co_await looking;
        co_return json{{"metadata", there}, {"created", repeated && !existing_ok}};
    }
    const bool has_done_nothing = made.refused && made.refused->code() != SLUICE_UNAVAILABLE;
    if (has_done_nothing && notes && !repeated) {
        task<void> forgetting = step.forget();
        co_await forgetting;
    }
    const json metadata = made.result()["metadata"];
    co_return json{{"metadata", metadata}, {"created", true}};
}

}  // namespace sluice::dropbox
