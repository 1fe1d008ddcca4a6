#include <sluice/claimed_name.hpp>
#include <sluice/step_hash.hpp>
#include "call_session.hpp"
#include "file_writer.hpp"
#include "moving.hpp"
#include "paths.hpp"
#include "sftp.hpp"

namespace sluice::sftp {
namespace {

movement read_movement(const context& ctx, const json& input) {
    const std::string from = required_path(input, "path");
    const std::string name = name_or(input, "name", original_name(name_of(from)));
    const std::string to = join(required_path(input, "folder"), name);
    return {from, to, overwrite_or(input, overwrite_policy::keep_both), step_hash(ctx, from),
            expected_file(json::object())};
}

json result(const arrival& arrived) {
    return json{{"path", arrived.path},
                {"name", std::string(name_of(arrived.path))},
                {"repeated", arrived.repeated}};
}

void write_reason(session& server, const context& ctx, const std::string& path,
                  const std::string& text) {
    const std::string hidden = hidden_beside(path, "part", step_hash(ctx, path));
    request_size size;
    file_writer target(server, hidden, 0, size);
    target.write(text);
    target.finish();
    server.replace(hidden, path);
}

}  // namespace

json connector::finish(context& ctx, const json& input) {
    const movement wanted = read_movement(ctx, input);
    return on_session(ctx, dog_, [&](session& server) {
        server.make_folders(std::string(folder_of(wanted.to)));
        return result(move_file(server, wanted));
    });
}

// The reason is written first: a file in the folder of failures always has one.
json connector::fail(context& ctx, const json& input) {
    movement wanted = read_movement(ctx, input);
    const json& reason = input["reason"];
    const std::string to = wanted.to;
    return on_session(ctx, dog_, [&](session& server) {
        server.make_folders(std::string(folder_of(to)));
        if (wanted.overwrite == overwrite_policy::keep_both && server.find_link(wanted.from) &&
            server.find_link(to)) {
            wanted.to = with_hash(to, wanted.hash);
        }
        json reason_path;
        if (!reason.is_null() && server.find_link(wanted.from)) {
            const bool is_text = reason.is_string();
            const std::string path = wanted.to + (is_text ? ".error.txt" : ".reason.json");
            write_reason(server, ctx, path, (is_text ? reason.as_string() : reason.dump()) + "\n");
            reason_path = path;
        }
        const arrival arrived = move_file(server, wanted);
        json done = result(arrived);
        if (!reason.is_null() && reason_path.is_null()) {
            reason_path = arrived.path + (reason.is_string() ? ".error.txt" : ".reason.json");
        }
        done.set("reasonPath", reason_path);
        return done;
    });
}

}  // namespace sluice::sftp
