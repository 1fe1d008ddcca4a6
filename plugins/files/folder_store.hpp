// The folder of a connection, for the steps that move files.
#pragma once

#include <sluice/file_steps.hpp>

#include "root.hpp"

namespace files {

class folder_store final : public sluice::file_store {
  public:
    explicit folder_store(const sluice::context& ctx) : folder_(ctx) {}

    std::optional<sluice::stored_file> find(const std::string& path) override;
    bool rename(const std::string& from, const std::string& to) override;
    void replace(const std::string& from, const std::string& to) override;
    void make_folders(const std::string& path) override;
    void write(const std::string& path, std::string_view text) override;

  private:
    root folder_;
};

}  // namespace files
