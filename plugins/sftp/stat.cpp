#include "call_session.hpp"
#include "paths.hpp"
#include "sftp.hpp"

namespace sluice::sftp {

json connector::stat(context& ctx, const json& input) {
    const std::string path = required_path(input, "path");
    return on_session(ctx, dog_, [&](session& server) { return to_json(server.stat(path), path); });
}

json connector::exists(context& ctx, const json& input) {
    const std::string path = required_path(input, "path");
    return on_session(ctx, dog_, [&](session& server) {
        const auto found = server.find(path);
        return json{{"exists", found.has_value()},
                    {"type", found ? json(type_name(found->type)) : json()}};
    });
}

}  // namespace sluice::sftp
