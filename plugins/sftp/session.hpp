// One SFTP connection: logged in, the server recognised. Blocking; for one call at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <sluice/connector.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "file_info.hpp"
#include "raii.hpp"
#include "settings.hpp"
#include "watchdog.hpp"

namespace sluice::sftp {

// The connection broke: a new one may work. What was asked last may have been done or not.
class connection_lost : public failure {
  public:
    using failure::failure;
};

class session {
  public:
    // Connects and logs in, for this call.
    session(const settings& wanted, const context& ctx, const std::shared_ptr<watchdog>& dog);
    session(const session&) = delete;
    session& operator=(const session&) = delete;
    ~session();

    // Nothing when there is nothing of that name. `find` follows links, `find_link` does not.
    std::optional<file_info> find(const std::string& path);
    std::optional<file_info> find_link(const std::string& path);
    // SLUICE_NOT_FOUND instead.
    file_info stat(const std::string& path);
    // The same, and SLUICE_INVALID_INPUT when it is no file.
    file_info stat_file(const std::string& path);
    // Without "." and ".."; in the server's order. A name of more than 255 bytes is empty.
    std::vector<file_info> read_folder(const std::string& path);

    // False: `to` exists, and stays.
    bool rename(const std::string& from, const std::string& to);
    // `to` may exist. In one step where the server has posix-rename@openssh.com.
    void replace(const std::string& from, const std::string& to);
    void remove_file(const std::string& path);
    void remove_folder(const std::string& path);
    // With the folders above it; what exists stays.
    void make_folders(const std::string& path);
    // One; false when it exists.
    bool make_folder(const std::string& path);

    // `flags`: O_RDONLY, O_WRONLY | O_CREAT, ...
    file_pointer open(const std::string& path, int flags);
    // What was written is on the server's disk, where the server can tell.
    void flush(sftp_file file, const std::string& path);

    std::string home();
    std::string server_banner() const;
    const std::string& host_key() const noexcept { return host_key_; }
    bool offers(const char* extension) const;

    // The call that uses it from now on; null: none.
    void use_for(const context* call);
    // For what asks the server without this class: before each request or answer that is waited
    // for, the handle.
    ::sftp_session ask();
    // It must not be used again: broken, or answers are due that nobody waits for.
    void give_up() noexcept;
    bool usable() const noexcept;

    // Throws what a libssh call that just failed means. `what`: "cannot open /in/a.csv".
    [[noreturn]] void fail(const std::string& what);

  private:
    std::optional<file_info> read_attributes(sftp_attributes found, const std::string& path);
    std::uint32_t ask_to_replace(const std::string& from, const std::string& to);
    void read_exactly(char* into, std::uint32_t size);
    [[noreturn]] void fail_with_status(int status, const std::string& what);
    [[noreturn]] void lose(const std::string& what);

    bool given_up_ = false;
    std::string host_key_;
    ssh_pointer ssh_;
    sftp_pointer sftp_;
    std::unique_ptr<watchdog::watched> watched_;
};

}  // namespace sluice::sftp
