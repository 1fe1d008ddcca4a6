// Installation access tokens of GitHub Apps: asked for with a signed statement of who the app is,
// good for an hour, shared by all calls with the same app, installation and address.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::github {

struct app_identity {
    std::string app_id;
    std::string private_key;  // PEM
    std::string installation_id;
};

// The JSON Web Token (RS256) by which GitHub knows the app at this time (Unix seconds).
// SLUICE_INVALID_INPUT when the key is none.
std::string app_statement(const app_identity& app, std::int64_t now);

// What tells the tokens of one connection from those of another; holds no secret.
std::string token_key(std::string_view base, const app_identity& app);

// Any thread.
class app_tokens {
  public:
    // One that is good for some minutes more.
    std::optional<std::string> find(const std::string& key, std::int64_t now);
    void keep(const std::string& key, std::string token, std::int64_t now);
    // GitHub takes the token no more.
    void forget(const std::string& key, const std::string& token);

  private:
    struct kept_token {
        std::string token;
        std::int64_t good_until = 0;
    };
    std::mutex mutex_;
    std::map<std::string, kept_token> tokens_;
};

}  // namespace sluice::github
