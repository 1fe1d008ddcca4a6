#include "call_session.hpp"
#include "sftp.hpp"

namespace sluice::sftp {

json connector::check_connection(context& ctx, const json&) {
    return on_session(ctx, dog_, [](session& server) {
        return json{{"folder", server.home()},
                    {"server", server.server_banner()},
                    {"hostKey", server.host_key()},
                    {"replacesInOneStep", server.offers("posix-rename@openssh.com")}};
    });
}

}  // namespace sluice::sftp
