#include "call_session.hpp"
#include "claimed_name.hpp"
#include "moving.hpp"
#include "paths.hpp"
#include "sftp.hpp"
#include "step_hash.hpp"

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

std::string claimed_name(std::string_view hash, std::string_view name) {
    constexpr std::size_t longest_name = 255;
    std::string made = std::string(hash) + "-" + std::string(name);
    if (made.size() > longest_name) {
        throw failure(SLUICE_INVALID_INPUT,
                      "the file's name is too long to be claimed: give it a "
                      "shorter one with 'move' first");
    }
    return made;
}

std::string original_name(std::string_view name) {
    const bool has_digits = name.size() > claim_digits + 1 && name[claim_digits] == '-' &&
                            name.find_first_not_of("0123456789abcdef") == claim_digits;
    return std::string(has_digits ? name.substr(claim_digits + 1) : name);
}

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
