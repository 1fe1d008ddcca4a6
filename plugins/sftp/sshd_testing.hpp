// A real OpenSSH server for the tests, in a folder and on a port of its own.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace sluice::sftp::testing {

// Keys that the tests share: made once, in a folder that goes when the process ends.
struct test_keys {
    test_keys();
    test_keys(const test_keys&) = delete;
    test_keys& operator=(const test_keys&) = delete;
    ~test_keys();

    // "ed25519", "ecdsa", "rsa", "encrypted" (passphrase "open sesame"), "stranger" (not allowed),
    // "host", "other-host", "rsa-host"
    std::string private_key(const std::string& name) const;
    std::string public_key(const std::string& name) const;
    std::string fingerprint(const std::string& name) const;  // SHA256:...

    std::filesystem::path folder;
};
const test_keys& keys();

struct server_options {
    std::vector<std::string> lines = {};  // of sshd_config
    std::vector<std::string> host_keys = {"host"};
    std::size_t largest_file = 0;  // bytes; 0: no limit. Like a disk that is full.
};

class testing_server {
  public:
    explicit testing_server(server_options options = {});
    testing_server(const testing_server&) = delete;
    testing_server& operator=(const testing_server&) = delete;
    ~testing_server();

    unsigned port() const noexcept { return port_; }
    // Who the tests log in as: not root, where they run as root, so that permissions count.
    const std::string& user() const noexcept { return user_; }
    const std::filesystem::path& folder() const noexcept { return folder_; }
    std::string path(const std::string& name) const { return (folder_ / name).string(); }

    void write(const std::string& name, const std::string& bytes) const;
    std::string read(const std::string& name) const;
    void make_folder(const std::string& name) const;
    bool exists(const std::string& name) const;
    // Names in a folder, sorted.
    std::vector<std::string> names(const std::string& name = "") const;
    void set_modified(const std::string& name, long seconds_since_1970) const;

    // Ends what serves the present connections, as a crash does.
    void kill_sessions() const;
    int sessions() const;
    // From now on with another host key, on the same port.
    void restart_with(const std::string& host_key);

  private:
    void start();
    void stop();
    bool try_to_start();

    server_options options_;
    std::filesystem::path top_;
    std::filesystem::path folder_;
    std::string user_;
    unsigned port_ = 0;
    pid_t process_ = 0;
};

// A program of the system, to its end.
void run_program(const std::vector<std::string>& command);
unsigned free_port();

}  // namespace sluice::sftp::testing
