// What a runner asks of the host's services, in frames, asked through the host's own tables.
#pragma once

#include "plugin/runner_session.hpp"

namespace sluice::plugin {

// Any thread. False: the frame breaks the protocol.
class session_requests {
  public:
    static bool request(runner_session& session, const frame& one);
    static bool give_up(runner_session& session, const frame& one);
    static bool ask(runner_session& session, const frame& one);
    static bool seal(runner_session& session, const frame& one);
    static bool release(runner_session& session, const frame& one);
    static const sluice_blob_1* blobs_of(runner_session& session);
    // The services of frame_service that this host has.
    static std::uint64_t offered(const sluice_host& host);

  private:
    static void refuse(runner_session& session, const frame& one);
};

}  // namespace sluice::plugin
