#include <algorithm>
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
    if (!input["limit"].is_null()) {
        const std::int64_t limit = required_int(input, "limit");
        if (limit < 1 || limit > 2000) {
            throw failure(SLUICE_INVALID_INPUT, "'limit' must be 1 to 2000");
        }
        argument.set("limit", limit);
    }
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
    const std::string path = required_string(input, "path");
    json argument{{"path", path}};
    copy_member(argument, input, "autorename", "autorename");
    task<answer> asked = dropbox.ask("files/create_folder_v2", argument);
    const answer made = co_await asked;
    if (!made.why.begins("path/conflict/folder") || !input.get_or("existingOk", false)) {
        const json metadata = made.result()["metadata"];
        co_return json{{"metadata", metadata}, {"created", true}};
    }
    task<json> looking = dropbox.call("files/get_metadata", json{{"path", path}});
    const json there = co_await looking;
    co_return json{{"metadata", there}, {"created", false}};
}

}  // namespace sluice::dropbox
