// A certificate authority of a test's own, as files in a folder that goes with it.
#pragma once

#include <memory>
#include <string>

#include "base/base_testing.hpp"

namespace sluice::net {

class test_authority {
  public:
    test_authority();
    ~test_authority();  // and its files are gone
    test_authority(const test_authority&) = delete;
    test_authority& operator=(const test_authority&) = delete;

    struct files {
        std::string certificate;
        std::string key;
    };
    // `names`: "DNS:app.test,IP:127.0.0.1". Valid from yesterday for `days` days from now; negative
    // means expired.
    files issue(const std::string& names, int days = 7);

    std::string ca_file() const;
    // A file in the same folder.
    std::string write(const std::string& name, const std::string& content);

  private:
    struct state;
    std::unique_ptr<state> state_;
    base::temporary_folder folder_;
    int issued_ = 0;
};

}  // namespace sluice::net
