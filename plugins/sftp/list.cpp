#include <algorithm>

#include "call_session.hpp"
#include "options.hpp"
#include "paths.hpp"
#include "sftp.hpp"

namespace sluice::sftp {
namespace {

bool is_of_type(const file_info& info, const std::string& wanted) {
    return wanted == "all" || wanted == type_name(info.type);
}

std::string wanted_type(const json& input) {
    std::string type = input["type"].is_null() ? "file" : required_string(input, "type");
    for (const char* known : {"file", "folder", "link", "all"}) {
        if (type == known) return type;
    }
    throw failure(SLUICE_INVALID_INPUT, "'type' must be file, folder, link or all");
}

}  // namespace

// Servers give a folder in any order and from its beginning only, so each page reads all of it, and
// the cursor is the name behind which to go on: what comes and goes meanwhile shifts nothing.
json connector::list(context& ctx, const json& input) {
    const std::string folder = path_or(input, "folder", ".");
    const glob names(input);
    const std::string type = wanted_type(input);
    const auto limit = static_cast<std::size_t>(number_or(input, "limit", 1000, 1, 10000));
    // Empty, too: the cursor of a page without items.
    const std::string after = input["cursor"].is_null() || input["cursor"] == json("")
                                  ? ""
                                  : required_string(input, "cursor");
    return on_session(ctx, dog_, [&](session& server) {
        std::vector<file_info> found = server.read_folder(folder);
        std::int64_t unusable = 0;
        std::erase_if(found, [&](const file_info& info) {
            if (!is_of_type(info, type)) return true;
            if (!is_usable_name(info.name)) {
                ++unusable;
                return true;
            }
            return info.name <= after || !names.matches(info.name);
        });
        std::sort(found.begin(), found.end(),
                  [](const file_info& a, const file_info& b) { return a.name < b.name; });
        const bool more = found.size() > limit;
        if (more) found.resize(limit);
        json items = json::array();
        for (const file_info& info : found)
            items.push(to_json(info, join(folder, info.name)));
        return json{{"items", std::move(items)},
                    {"cursor", found.empty() ? json(after) : json(found.back().name)},
                    {"more", more},
                    {"unusableNames", unusable}};
    });
}

}  // namespace sluice::sftp
