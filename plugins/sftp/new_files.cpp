#include "new_files.hpp"

#include <algorithm>
#include <chrono>
#include <tuple>

#include "call_session.hpp"
#include "options.hpp"
#include "paths.hpp"
#include "sftp.hpp"

namespace sluice::sftp {
namespace {

bool is_whole(const file_info& info, seen_files::state before, const look_options& options) {
    if (!options.min_age_seconds) return before == seen_files::state::seen;
    return options.now - info.modified >= *options.min_age_seconds;
}

json to_item(const file_info& info, const std::string& folder) {
    const std::string path = join(folder, info.name);
    const std::string modified = utc_text(info.modified);
    return json{{"path", path},
                {"name", info.name},
                {"size", info.size},
                {"modifiedAt", modified},
                {"key", path + " " + std::to_string(info.size) + " " + modified}};
}

}  // namespace

look_result look(std::vector<file_info> found, const seen_files& before,
                 const look_options& options) {
    using state = seen_files::state;
    std::sort(found.begin(), found.end(), [](const file_info& a, const file_info& b) {
        return std::tie(a.modified, a.name) < std::tie(b.modified, b.name);
    });
    // The oldest ones that can be remembered; the others get their turn when these are gone.
    const bool crowded = found.size() > seen_files::most;
    if (crowded) found.resize(seen_files::most);
    look_result result;
    std::size_t given = 0;
    for (const file_info& info : found) {
        const std::uint64_t version = version_of(join(options.folder, info.name), info);
        state now = before.of(version);
        if (now == state::given) {
            ++given;
        } else if (is_whole(info, now, options)) {
            const bool fits = result.items.size() < options.limit;
            now = fits ? state::given : state::seen;
            if (fits) result.items.push_back(info);
            result.more = result.more || !fits;
        } else if (now == state::unknown && before.at_once()) {
            continue;  // the next look must be some time after the first one at this file
        } else {
            now = state::seen;
        }
        result.seen.add(version, now);
    }
    result.seen.set_at_once(result.more);
    if (crowded && given == found.size()) {
        throw failure(SLUICE_CONFLICT,
                      options.folder +
                          " is full of files that have been given already: move them "
                          "away (claim, finish) or choose another 'glob'");
    }
    return result;
}

json connector::list_new_files(context& ctx, const json& input) {
    look_options options;
    options.folder = path_or(input, "folder", ".");
    options.limit = static_cast<std::size_t>(number_or(input, "limit", 100, 1, 5000));
    options.now = std::chrono::floor<std::chrono::seconds>(ctx.now()).time_since_epoch().count();
    if (!input["minAgeSeconds"].is_null()) {
        constexpr std::int64_t year = 366 * 86400;
        options.min_age_seconds = number_or(input, "minAgeSeconds", 0, 0, year);
    }
    const glob names(input);
    const seen_files before(input["cursor"]);
    return on_session(ctx, dog_, [&](session& server) {
        std::vector<file_info> found = server.read_folder(options.folder);
        std::erase_if(found, [&](const file_info& info) {
            return info.type != file_type::file || !is_usable_name(info.name) ||
                   !names.matches(info.name);
        });
        const look_result seen = look(std::move(found), before, options);
        json items = json::array();
        for (const file_info& info : seen.items)
            items.push(to_item(info, options.folder));
        return json{
            {"items", std::move(items)}, {"cursor", seen.seen.cursor()}, {"more", seen.more}};
    });
}

}  // namespace sluice::sftp
