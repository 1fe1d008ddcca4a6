#include <sluice/option.hpp>
#include <sluice/step_hash.hpp>

#include "files.hpp"
#include "folder_store.hpp"
#include "paths.hpp"

namespace files {

using sluice::failure;

json connector::move(context& ctx, const json& input) {
    const std::string from = required_path(input, "from");
    const std::string to = required_path(input, "to");
    const sluice::movement wanted{from, to,
                                  sluice::overwrite_option(input, sluice::overwrite_policy::fail),
                                  step_hash(ctx, from), sluice::expected_file(input)};
    const bool parents = sluice::bool_option(input, "parents", false);
    folder_store store(ctx);
    if (parents) store.make_folders(std::string(folder_of(to)));
    json done = sluice::describe_arrival(sluice::move_file(store, wanted));
    done.set("from", from);
    return done;
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
