#include "folder_store.hpp"

#include <fcntl.h>

#include "file_bytes.hpp"

namespace files {

std::optional<sluice::stored_file> folder_store::find(const std::string& path) {
    const std::optional<file_info> found = folder_.find(path);
    if (!found) return std::nullopt;
    return sluice::stored_file{found->type == file_type::file, found->size, found->modified,
                               sluice::utc_text(found->modified)};
}

bool folder_store::rename(const std::string& from, const std::string& to) {
    return folder_.rename(from, to, root::replacing::refused);
}

void folder_store::replace(const std::string& from, const std::string& to) {
    folder_.rename(from, to, root::replacing::allowed);
}

void folder_store::make_folders(const std::string& path) { folder_.make_folders(path); }

void folder_store::write(const std::string& path, std::string_view text) {
    constexpr unsigned usual = 0666;  // less the umask
    const file_descriptor bytes =
        folder_.open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, usual);
    write_at(bytes, 0, text, path);
    sync(bytes, path);
}

}  // namespace files
