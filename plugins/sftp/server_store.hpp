// A server, for the steps that move files.
#pragma once

#include <sluice/file_steps.hpp>

#include "session.hpp"

namespace sluice::sftp {

class server_store final : public file_store {
  public:
    explicit server_store(session& server) : server_(server) {}

    std::optional<stored_file> find(const std::string& path) override;
    bool rename(const std::string& from, const std::string& to) override;
    void replace(const std::string& from, const std::string& to) override;
    void make_folders(const std::string& path) override;
    void write(const std::string& path, std::string_view text) override;

  private:
    session& server_;
};

}  // namespace sluice::sftp
