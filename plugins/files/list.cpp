#include <algorithm>
#include <sluice/option.hpp>
#include <sluice/text_encoding.hpp>
#include <utility>
#include <vector>

#include "files.hpp"
#include "paths.hpp"
#include "root.hpp"

namespace files {

using sluice::failure;

namespace {

// Needed, but "" is the root.
std::string given_path(const json& input) {
    if (!input["path"].is_string()) sluice::required_string(input, "path");
    return path_option(input, "path");
}

}  // namespace

json connector::check_connection(context& ctx, const json&) {
    const root folder(ctx);
    std::size_t entries = 0;
    constexpr std::size_t enough = 1000;
    folder.read_folder("", [&](const file_info&) { return ++entries < enough; });
    return json{{"root", ctx.connection_string("root")}, {"entries", entries}};
}

// By name, so that a page can go on behind the last name of the one before.
json connector::list(context& ctx, const json& input) {
    const std::string folder = path_option(input, "folder");
    const std::string pattern = pattern_option(input);
    const std::string type =
        sluice::choice_option(input, "type", {"file", "folder", "link", "all"});
    const auto limit =
        static_cast<std::size_t>(sluice::int_option(input, "limit", 1000, 1, 10'000));
    const std::string after = sluice::string_option(input, "cursor", "");
    std::vector<file_info> found;
    std::size_t unusable = 0;
    root(ctx).read_folder(folder, [&](file_info info) {
        const std::string name(name_of(info.path));
        if (sluice::well_formed_size(name) != name.size()) {
            ++unusable;
        } else if (name > after && matches(pattern, name) &&
                   (type == "all" || type == name_of(info.type))) {
            found.push_back(std::move(info));
        }
        return !ctx.cancelled();
    });
    if (ctx.cancelled()) throw failure(SLUICE_CANCELLED, "the call was cancelled");
    std::sort(found.begin(), found.end(),
              [](const file_info& a, const file_info& b) { return a.path < b.path; });
    const bool more = found.size() > limit;
    if (more) found.resize(limit);
    json items = json::array();
    for (const file_info& info : found)
        items.push(to_json(info));
    const std::string cursor = found.empty() ? after : std::string(name_of(found.back().path));
    return json{{"items", std::move(items)},
                {"cursor", cursor},
                {"more", more},
                {"unusableNames", unusable}};
}

json connector::stat(context& ctx, const json& input) {
    const std::string path = given_path(input);
    const std::optional<file_info> found = root(ctx).find(path);
    if (!found) throw failure(SLUICE_NOT_FOUND, "there is no '" + path + "'");
    return to_json(*found);
}

json connector::exists(context& ctx, const json& input) {
    const std::optional<file_info> found = root(ctx).find(given_path(input));
    return json{{"exists", found.has_value()},
                {"type", found ? json(name_of(found->type)) : json()}};
}

}  // namespace files
