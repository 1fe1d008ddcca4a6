#include <sluice/option.hpp>
#include <sluice/step_hash.hpp>

#include "call_session.hpp"
#include "paths.hpp"
#include "server_store.hpp"
#include "sftp.hpp"

namespace sluice::sftp {
namespace {

struct putting_away {
    movement wanted;
    std::string folder;
};

putting_away read_putting_away(const context& ctx, const json& input) {
    const std::string from = required_path(input, "path");
    const std::string name = name_or(input, "name", original_name(name_of(from)));
    const std::string folder = required_path(input, "folder");
    return {{from, join(folder, name), overwrite_option(input, overwrite_policy::keep_both),
             step_hash(ctx, from), expected_file()},
            folder};
}

}  // namespace

json connector::move(context& ctx, const json& input) {
    const std::string from = required_path(input, "from");
    const movement wanted{from, required_path(input, "to"),
                          overwrite_option(input, overwrite_policy::fail), step_hash(ctx, from),
                          expected_file(input)};
    const bool parents = bool_option(input, "parents", false);
    return on_session(ctx, dog_, [&](session& server) {
        server_store store(server);
        if (parents) store.make_folders(std::string(folder_of(wanted.to)));
        json done = describe_arrival(move_file(store, wanted));
        done.set("from", from);
        return done;
    });
}

json connector::claim(context& ctx, const json& input) {
    const std::string path = required_path(input, "path");
    const std::string folder = path_or(input, "folder", join(folder_of(path), "processing"));
    const std::string name = claimed_name(step_hash(ctx, path), name_of(path));
    const expected_file expected(input);
    return on_session(ctx, dog_, [&](session& server) {
        server_store store(server);
        return claim_file(store, path, folder, join(folder, name), expected);
    });
}

json connector::finish(context& ctx, const json& input) {
    const putting_away done = read_putting_away(ctx, input);
    return on_session(ctx, dog_, [&](session& server) {
        server_store store(server);
        return finish_file(store, done.wanted, done.folder);
    });
}

json connector::fail(context& ctx, const json& input) {
    const putting_away failed = read_putting_away(ctx, input);
    return on_session(ctx, dog_, [&](session& server) {
        server_store store(server);
        return fail_file(store, failed.wanted, failed.folder, input["reason"]);
    });
}

}  // namespace sluice::sftp
