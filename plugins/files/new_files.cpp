#include <chrono>
#include <sluice/new_files.hpp>
#include <sluice/option.hpp>
#include <sluice/text_encoding.hpp>
#include <utility>
#include <vector>

#include "files.hpp"
#include "paths.hpp"
#include "root.hpp"

namespace files {

json connector::list_new_files(context& ctx, const json& input) {
    constexpr std::int64_t year = 366 * 86400;
    const std::string folder = path_option(input, "folder");
    const std::string pattern = pattern_option(input);
    const sluice::seen_files before(input["cursor"]);
    sluice::look_options options;
    options.limit = static_cast<std::size_t>(sluice::int_option(input, "limit", 100, 1, 5000));
    if (!input["minAgeSeconds"].is_null()) {
        options.min_age =
            std::chrono::seconds(sluice::int_option(input, "minAgeSeconds", 0, 0, year));
    }
    options.now = ctx.now().time_since_epoch();
    std::vector<sluice::found_file> found;
    root(ctx).read_folder(folder, [&](const file_info& info) {
        const std::string name(name_of(info.path));
        const bool usable = sluice::well_formed_size(name) == name.size();
        if (usable && info.type == file_type::file && matches(pattern, name)) {
            found.push_back({info.path, name, info.size, info.modified, utc_text(info.modified)});
        }
        return !ctx.cancelled();
    });
    if (ctx.cancelled()) throw sluice::failure(SLUICE_CANCELLED, "the call was cancelled");
    return sluice::look_for_new_files(std::move(found), before, options,
                                      folder.empty() ? "the root" : "'" + folder + "'");
}

}  // namespace files
