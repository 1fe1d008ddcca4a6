#include <algorithm>
#include <sluice/option.hpp>

#include "call_session.hpp"
#include "glob.hpp"
#include "paths.hpp"
#include "sftp.hpp"

namespace sluice::sftp {
namespace {

bool is_of_type(const file_info& info, const std::string& wanted) {
    return wanted == "all" || wanted == type_name(info.type);
}

}  // namespace

// Servers give a folder in any order and from its beginning only, so each page reads all of it, and
// the cursor is the name behind which to go on: what comes and goes meanwhile shifts nothing.
json connector::list(context& ctx, const json& input) {
    const std::string folder = path_or(input, "folder", ".");
    const glob names(input);
    const std::string type = choice_option(input, "type", {"file", "folder", "link", "all"});
    const auto limit = static_cast<std::size_t>(int_option(input, "limit", 1000, 1, 10000));
    const std::string after = string_option(input, "cursor", "");
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
