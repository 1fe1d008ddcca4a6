// The commands of IMAP that the actions need (RFC 3501, 4315 UIDPLUS, 6851 MOVE).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "imap_value.hpp"

namespace sluice::mail {

struct folder_state {
    std::uint64_t uid_validity = 0;
    std::uint64_t uid_next = 0;
};

// What FETCH tells about one message.
struct fetched {
    std::uint64_t uid = 0;
    std::uint64_t size = 0;
    std::string received;  // INTERNALDATE as the server writes it
    std::vector<std::string> flags;
    std::string header;  // the fields for a list; of a whole message all of it
};

class imap_client {
  public:
    imap_client(const account& to, const context& ctx) : stream_(to, ctx) {}

    // A kept connection may be dead: false then.
    bool is_alive(const context& ctx) noexcept;
    void serve(const context& ctx) { stream_.serve(ctx); }
    void rest() { stream_.rest(); }

    // SLUICE_NOT_FOUND when there is no such folder.
    folder_state open_folder(const std::string& folder, bool writing);
    std::vector<std::uint64_t> search(const std::string& criteria);  // UIDs, ascending
    std::vector<fetched> fetch_headers(const std::vector<std::uint64_t>& uids);
    // The whole message, unchanged, `\Seen` untouched. False: there is none with that UID.
    bool fetch_message(std::uint64_t uid, const std::function<void(std::string_view)>& piece);
    // `change`: "+FLAGS" or "-FLAGS".
    void store(std::uint64_t uid, std::string_view change, const std::string& flags);
    // SLUICE_UNSUPPORTED when the server can do it neither at once nor without touching others.
    void move(std::uint64_t uid, const std::string& folder);
    void remove(std::uint64_t uid);
    std::vector<std::string> folders();

  private:
    // Sends a command and reads to its end; untagged lines go to `each`. Throws what a NO or BAD
    // means.
    std::string run(const std::string& command,
                    const std::function<void(std::vector<imap_value>&)>& each = {},
                    const literal_taker& take = {});
    bool can(std::string_view capability);
    void require_removal();
    std::uint64_t last_uid();  // in the open folder; 0: it is empty

    imap_stream stream_;
    std::uint64_t number_ = 0;
    std::optional<std::vector<std::string>> capabilities_;
};

}  // namespace sluice::mail
