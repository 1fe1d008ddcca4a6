#include <sluice/option.hpp>
#include <sluice/step_hash.hpp>

#include "files.hpp"
#include "moving.hpp"
#include "paths.hpp"

namespace files {

using sluice::failure;

json connector::move(context& ctx, const json& input) {
    const std::string from = required_path(input, "from");
    const std::string to = required_path(input, "to");
    const movement wanted{from, to, read_overwrite(input, overwrite_policy::fail),
                          step_hash(ctx, from), expected_file(input)};
    const bool parents = sluice::bool_option(input, "parents", false);
    const root folder(ctx);
    if (parents) folder.make_folders(std::string(folder_of(to)));
    const arrival arrived = move_file(folder, wanted);
    return json{{"from", from},
                {"path", arrived.path},
                {"name", name_of(arrived.path)},
                {"repeated", arrived.repeated}};
}

json connector::remove(context& ctx, const json& input) {
    const std::string path = required_path(input, "path");
    const bool missing_ok = sluice::bool_option(input, "missingOk", true);
    const bool deleted = root(ctx).remove(path);
    if (!deleted && !missing_ok) throw failure(SLUICE_NOT_FOUND, "there is no '" + path + "'");
    return json{{"path", path}, {"deleted", deleted}};
}

json connector::create_folder(context& ctx, const json& input) {
    const std::string path = required_path(input, "path");
    const bool parents = sluice::bool_option(input, "parents", false);
    const bool existing_ok = sluice::bool_option(input, "existingOk", true);
    const root folder(ctx);
    if (!parents) folder.open_folder(folder_of(path));
    const bool created = folder.make_folders(path);
    if (!created && !existing_ok) {
        throw failure(SLUICE_CONFLICT, "there is a folder '" + path + "' already");
    }
    return json{{"path", path}, {"created", created}};
}

}  // namespace files
