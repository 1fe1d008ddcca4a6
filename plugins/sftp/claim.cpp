#include <sluice/claimed_name.hpp>
#include <sluice/step_hash.hpp>
#include "call_session.hpp"
#include "moving.hpp"
#include "paths.hpp"
#include "sftp.hpp"

namespace sluice::sftp {
namespace {

json claimed(const std::string& path, const std::string& original, const file_info& file) {
    return json{{"path", path},
                {"name", std::string(name_of(original))},
                {"originalPath", original},
                {"size", file.size},
                {"modifiedAt", utc_text(file.modified)}};
}

}  // namespace

// Of several that claim the same file one gets it: its rename finds the file, those of the others
// do not.
json connector::claim(context& ctx, const json& input) {
    const std::string path = required_path(input, "path");
    const std::string folder = path_or(input, "folder", join(folder_of(path), "processing"));
    const std::string mine = join(folder, claimed_name(step_hash(ctx, path), name_of(path)));
    const expected_file expected(input);
    return on_session(ctx, dog_, [&](session& server) {
        // Looked for first: since an earlier try of this step, another file may have come under
        // the old name, which is not to be touched.
        if (const auto found = server.find_link(mine)) return claimed(mine, path, *found);
        const auto source = server.find_link(path);
        if (!source) {
            throw failure(SLUICE_NOT_FOUND, "there is no " + path + ": somebody else has it");
        }
        if (source->type != file_type::file) {
            throw failure(SLUICE_INVALID_INPUT, path + " is no file");
        }
        if (!expected.fits(*source)) {
            throw failure(SLUICE_CONFLICT, path + " was changed meanwhile");
        }
        server.make_folders(folder);
        server.replace(path, mine);
        return claimed(mine, path, *source);
    });
}

}  // namespace sluice::sftp
