// The SFTP requests of one connection, answered as servers other than OpenSSH's do: without its
// extensions, with small limits, or with malice.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace sluice::sftp::testing {

enum class listing { honest, endless_points, long_names, nameless, garbage };

// What the server is like. Nothing of it changes while it runs.
struct script {
    std::string password = "s3cret";
    bool asks_for_password = false;  // by keyboard-interactive, in place of `password`
    std::size_t largest_write = SIZE_MAX;
    bool closes_on_large_writes = false;  // instead of refusing them
    std::size_t largest_read = 32 * 1024;
    bool refuses_to_close_written = false;  // as with a quota
    bool refuses_to_remove = false;
    listing lists = listing::honest;
};

// What several connections share.
struct remote_files {
    std::mutex mutex;
    std::map<std::string, std::string> files;  // by path
    std::set<std::string> folders{".", "/"};
};

class answers {
  public:
    answers(const script& how, remote_files& store) : how_(how), store_(store) {}

    // The answer to one packet, both without their length; nothing: the connection is closed.
    std::optional<std::string> to(std::string_view packet);

  private:
    struct handle {
        std::string path;
        bool written = false;
        bool listed = false;
    };
    std::string open(std::uint32_t id, std::string_view rest);
    std::string close(std::uint32_t id, std::string_view rest);
    std::string read(std::uint32_t id, std::string_view rest);
    std::optional<std::string> write(std::uint32_t id, std::string_view rest);
    std::string attributes(std::uint32_t id, std::string_view rest);
    std::string list(std::uint32_t id, std::string_view rest);
    std::string remove(std::uint32_t id, std::string_view rest);
    std::string rename(std::uint32_t id, std::string_view rest);
    std::string make_handle(std::uint32_t id, std::string path);

    const script& how_;
    remote_files& store_;
    std::map<std::string, handle> open_;
    unsigned next_ = 0;
};

}  // namespace sluice::sftp::testing
