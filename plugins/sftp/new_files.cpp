#include <chrono>
#include <sluice/new_files.hpp>
#include <sluice/option.hpp>
#include <sluice/utc_text.hpp>
#include <utility>
#include <vector>

#include "call_session.hpp"
#include "glob.hpp"
#include "paths.hpp"
#include "sftp.hpp"

namespace sluice::sftp {

json connector::list_new_files(context& ctx, const json& input) {
    using std::chrono::seconds;
    const std::string folder = path_or(input, "folder", ".");
    look_options options;
    options.limit = static_cast<std::size_t>(int_option(input, "limit", 100, 1, 5000));
    options.now = ctx.now().time_since_epoch();
    if (!input["minAgeSeconds"].is_null()) {
        constexpr std::int64_t year = 366 * 86400;
        options.min_age = seconds(int_option(input, "minAgeSeconds", 0, 0, year));
    }
    const glob names(input);
    const seen_files before(input["cursor"]);
    return on_session(ctx, dog_, [&](session& server) {
        std::vector<found_file> found;
        std::size_t unusable = 0;
        for (const file_info& info : server.read_folder(folder)) {
            if (info.type != file_type::file) continue;
            // Of what is too long not even the beginning is known.
            if (!info.name.empty() && !names.matches(info.name)) continue;
            if (!is_usable_name(info.name)) {
                ++unusable;
            } else {
                found.push_back({join(folder, info.name), info.name, info.size, info.modified,
                                 utc_text(info.modified)});
            }
        }
        json output = look_for_new_files(std::move(found), before, options, folder);
        tell_unusable_names(ctx, output, unusable, folder);
        return output;
    });
}

}  // namespace sluice::sftp
