// A mail server that says what a test has written down for it.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <sluice/testing/mock_host.hpp>
#include <string>
#include <thread>
#include <vector>

namespace sluice::mail::testing {

using sluice::testing::call_result;
using sluice::testing::mock_host;

// Waits for a line that begins with `expected` (`*`: any), then sends `answer`. In both, TAG stands
// for the tag of the client's last IMAP command. The first step is usually the greeting: expected
// is empty and nothing is waited for.
struct step {
    std::string expected;
    std::string answer;
    bool hang_up = false;
    // Reads a message up to its lone dot before it answers.
    bool reads_message = false;
    // Follows the answer so many times, then `end` does. Also without end, until nobody listens.
    std::string piece = "";
    std::size_t pieces = 0;
    std::string end = "";
    // Before the answer.
    std::function<void()> then = {};
};
constexpr std::size_t without_end = std::numeric_limits<std::size_t>::max();

// Serves connections one after the other, each with the next script, on a port of its own.
class scripted_server {
  public:
    explicit scripted_server(std::vector<std::vector<step>> scripts);
    scripted_server(const scripted_server&) = delete;
    scripted_server& operator=(const scripted_server&) = delete;
    ~scripted_server();

    int port() const { return port_; }
    json connection(const std::string& type) const;
    // The client's lines of all connections, and the messages.
    const std::vector<std::string>& lines();
    const std::string& message();

  private:
    void serve(const std::vector<step>& script);
    void answer_quit(int socket);
    bool read_line(int socket, std::string& line);
    void join();

    std::vector<std::vector<step>> scripts_;
    int listening_ = -1;
    int port_ = 0;
    std::string buffer_;
    std::vector<std::string> lines_;
    std::string message_;
    std::thread thread_;
};

// The steps of a log-in over IMAP without TLS, and of one over SMTP.
std::vector<step> imap_login();
std::vector<step> smtp_hello();

inline std::vector<step> operator+(std::vector<step> first, const std::vector<step>& then) {
    first.insert(first.end(), then.begin(), then.end());
    return first;
}

}  // namespace sluice::mail::testing
