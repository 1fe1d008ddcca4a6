// A nameless file on disk between a blob and code that wants a file: it is gone with its last
// descriptor, also when the process is killed.
#pragma once

#include <sluice/connector.hpp>

#include <cstdio>
#include <memory>

namespace sluice::pdf {

class spool {
  public:
    // SLUICE_UNAVAILABLE when the machine has no room for it.
    spool();

    int descriptor() const noexcept;
    // Appends. False: the disk is full or fails.
    bool write(const unsigned char* bytes, std::size_t count) noexcept;

    // Takes in the whole blob.
    task<void> fill(blob source);
    // A new sealed blob of what is in here; its reference.
    task<json> to_blob(const context& ctx, std::string content_type);

  private:
    struct closer {
        void operator()(std::FILE* file) const noexcept { std::fclose(file); }
    };
    std::unique_ptr<std::FILE, closer> file_;
};

}  // namespace sluice::pdf
