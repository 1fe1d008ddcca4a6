// One connection to a mail server, kept by libcurl: name, TLS and login are its business.
#pragma once

#include <curl/curl.h>

#include <memory>
#include <string>

#include "account.hpp"

namespace sluice::mail {

class connection {
  public:
    explicit connection(const account& to);
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;
    // Says QUIT where that is said, and does not wait for the answer.
    ~connection();

    CURL* handle() const noexcept { return handle_.get(); }
    // Before a call uses it: cancelling that call ends what waits.
    void serve(const context& ctx);
    // After it: nothing of the call is left behind.
    void rest();

    // The server's last line, for messages: its code and text.
    const std::string& last_line() const noexcept { return last_line_; }
    void forget_lines() {
        last_line_.clear();
        refusal_.clear();
        challenge_.clear();
    }

    // From now on the server may say nothing for so long, unless the account says otherwise.
    void allow_silence(std::int64_t usual_s);

    // What libcurl's answer means; nothing when it worked.
    void expect_ok(CURLcode code) const;

  private:
    const std::string& said() const { return refusal_.empty() ? last_line_ : refusal_; }
    // With the HTTP status 401 where another access token may help.
    [[noreturn]] void refuse_login() const;
    static int progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) noexcept;
    static std::size_t line(char* bytes, std::size_t one, std::size_t count, void* self) noexcept;

    struct closer {
        void operator()(CURL* handle) const noexcept { curl_easy_cleanup(handle); }
    };
    account account_;
    std::unique_ptr<CURL, closer> handle_;
    const context* serving_ = nullptr;
    std::string last_line_;
    std::string refusal_;    // the last line that is one: 4.. or 5.. (behind it comes the farewell)
    std::string challenge_;  // what the login last asked for, in base64
};

}  // namespace sluice::mail
