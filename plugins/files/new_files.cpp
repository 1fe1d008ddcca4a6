#include <chrono>
#include <sluice/new_files.hpp>
#include <sluice/option.hpp>
#include <sluice/text_encoding.hpp>
#include <sluice/utc_text.hpp>
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
    std::size_t unusable = 0;
    root(ctx).read_folder(folder, [&](const file_info& info) {
        const std::string name(name_of(info.path));
        if (info.type != file_type::file || !matches(pattern, name)) return !ctx.cancelled();
        if (sluice::well_formed_size(name) != name.size()) {
            ++unusable;
        } else {
            found.push_back(
                {info.path, name, info.size, info.modified, sluice::utc_text(info.modified)});
        }
        return !ctx.cancelled();
    });
    if (ctx.cancelled()) throw sluice::failure(SLUICE_CANCELLED, "the call was cancelled");
    const std::string shown = folder.empty() ? "the root" : "'" + folder + "'";
    json output = sluice::look_for_new_files(std::move(found), before, options, shown);
    sluice::tell_unusable_names(ctx, output, unusable, shown);
    return output;
}

}  // namespace files
