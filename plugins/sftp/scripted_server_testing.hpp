// A server of the test's own, by libssh, for what OpenSSH's never does.
#pragma once

#include <list>
#include <sluice/file_descriptor.hpp>
#include <string>
#include <thread>

#include "answers_testing.hpp"
#include "sftp_testing.hpp"

namespace sluice::sftp::testing {

class scripted_server {
  public:
    explicit scripted_server(script how = {});
    scripted_server(const scripted_server&) = delete;
    scripted_server& operator=(const scripted_server&) = delete;
    ~scripted_server();

    // Of type `password`.
    json connection() const;

    void write(const std::string& path, const std::string& bytes);
    std::string read(const std::string& path);
    // All paths, sorted, with blanks between them.
    std::string names();

  private:
    struct client {
        file_descriptor socket;  // a duplicate, by which it is ended
        std::thread thread;
    };
    void accept_all();
    void serve(int socket);

    script how_;
    remote_files store_;
    unsigned port_ = 0;
    file_descriptor listener_;
    std::list<client> clients_;
    std::thread acceptor_;
};

}  // namespace sluice::sftp::testing
