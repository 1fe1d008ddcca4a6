#include "server_store.hpp"

#include "file_writer.hpp"

namespace sluice::sftp {

std::optional<stored_file> server_store::find(const std::string& path) {
    const std::optional<file_info> found = server_.find_link(path);
    if (!found) return std::nullopt;
    return stored_file{found->type == file_type::file, found->size, found->modified,
                       utc_text(found->modified)};
}

bool server_store::rename(const std::string& from, const std::string& to) {
    return server_.rename(from, to);
}

void server_store::replace(const std::string& from, const std::string& to) {
    server_.replace(from, to);
}

void server_store::make_folders(const std::string& path) { server_.make_folders(path); }

void server_store::write(const std::string& path, std::string_view text) {
    request_size size;
    file_writer target(server_, path, 0, size);
    target.write(text);
    target.finish();
}

}  // namespace sluice::sftp
