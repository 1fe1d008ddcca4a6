// The folder of a connection. Nothing outside of it can be reached through this class: every path
// is resolved by the system below the root, links that lead out are refused.
#pragma once

#include <functional>
#include <optional>
#include <sluice/connector.hpp>
#include <string>
#include <string_view>

#include <sluice/file_descriptor.hpp>
#include "file_info.hpp"

namespace files {

using sluice::file_descriptor;

// A path's last name in its open folder.
struct place {
    file_descriptor folder;
    std::string name;
    std::string path;
};

class root {
  public:
    enum class resolution {
        by_system,  // openat2; `by_walk` where the system has none
        by_walk,    // name by name, any link is refused
    };

    // The connection's `root`; SLUICE_INVALID_INPUT, SLUICE_NOT_FOUND ...
    explicit root(const sluice::context& ctx);
    explicit root(const std::string& folder, resolution how = resolution::by_system);

    // Opens a path with flags of open(2); never waits for the other end of a pipe.
    file_descriptor open(const std::string& path, int flags, unsigned mode = 0) const;
    file_descriptor open_folder(std::string_view path) const;
    place locate(const std::string& path) const;

    // Of the link itself when it is one; nothing when there is none.
    std::optional<file_info> find(const std::string& path) const;
    // SLUICE_NOT_FOUND, and SLUICE_INVALID_INPUT when it is no regular file.
    file_info find_file(const std::string& path) const;

    // Every entry but "." and "..", in no order, until `each` returns false.
    void read_folder(const std::string& path, const std::function<bool(file_info)>& each) const;
    // With those above it; works when it exists. Whether the last one was made.
    bool make_folders(const std::string& path) const;

    enum class replacing { refused, allowed };
    // In one step, durable afterwards. False: there is one, and replacing is refused.
    bool rename(const std::string& from, const std::string& to, replacing how) const;
    // Whether it was there.
    bool remove(const std::string& path) const;

  private:
    // -1 and errno
    int try_open(const char* path, int flags, unsigned mode) const;
    int walk(std::string_view path, int flags, unsigned mode) const;

    file_descriptor folder_;
    resolution how_;
};

// Of what is open; failures name the path.
file_info info_of_open(const file_descriptor& open, const std::string& path);
void sync(const file_descriptor& open, const std::string& path);

}  // namespace files
