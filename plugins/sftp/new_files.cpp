#include <chrono>
#include <sluice/new_files.hpp>
#include <utility>
#include <vector>

#include "call_session.hpp"
#include "options.hpp"
#include "paths.hpp"
#include "sftp.hpp"

namespace sluice::sftp {

json connector::list_new_files(context& ctx, const json& input) {
    using std::chrono::seconds;
    const std::string folder = path_or(input, "folder", ".");
    look_options options;
    options.limit = static_cast<std::size_t>(number_or(input, "limit", 100, 1, 5000));
    options.now = ctx.now().time_since_epoch();
    if (!input["minAgeSeconds"].is_null()) {
        constexpr std::int64_t year = 366 * 86400;
        options.min_age = seconds(number_or(input, "minAgeSeconds", 0, 0, year));
    }
    const glob names(input);
    const seen_files before(input["cursor"]);
    return on_session(ctx, dog_, [&](session& server) {
        std::vector<found_file> found;
        for (const file_info& info : server.read_folder(folder)) {
            if (info.type == file_type::file && is_usable_name(info.name) &&
                names.matches(info.name)) {
                found.push_back({join(folder, info.name), info.name, info.size,
                                 seconds(info.modified), utc_text(info.modified)});
            }
        }
        return look_for_new_files(std::move(found), before, options, folder);
    });
}

}  // namespace sluice::sftp
