#include <sluice/option.hpp>

#include "call_session.hpp"
#include "paths.hpp"
#include "sftp.hpp"

namespace sluice::sftp {

json connector::create_folder(context& ctx, const json& input) {
    const std::string path = required_path(input, "path");
    const bool parents = bool_option(input, "parents", false);
    const bool existing_ok = bool_option(input, "existingOk", true);
    return on_session(ctx, dog_, [&](session& server) {
        if (parents) server.make_folders(std::string(folder_of(path)));
        const bool created = server.make_folder(path);
        if (!created) {
            const auto found = server.find(path);
            if (!existing_ok || !found || found->type != file_type::folder) {
                throw failure(SLUICE_CONFLICT, path + " exists already");
            }
        }
        return json{{"path", path}, {"created", created}};
    });
}

json connector::remove(context& ctx, const json& input) {
    const std::string path = required_path(input, "path");
    const bool missing_ok = bool_option(input, "missingOk", true);
    return on_session(ctx, dog_, [&](session& server) {
        const auto found = server.find_link(path);
        if (!found) {
            if (missing_ok) return json{{"path", path}, {"deleted", false}};
            throw failure(SLUICE_NOT_FOUND, "there is no " + path);
        }
        if (found->type == file_type::folder) {
            server.remove_folder(path);
        } else {
            server.remove_file(path);
        }
        return json{{"path", path}, {"deleted", true}};
    });
}

}  // namespace sluice::sftp
