// What libssh allocates, owned.
#pragma once

#include <libssh/libssh.h>
#include <libssh/sftp.h>

#include <memory>

namespace sluice::sftp {

struct free_key {
    void operator()(ssh_key key) const noexcept { ssh_key_free(key); }
};
using key_pointer = std::unique_ptr<ssh_key_struct, free_key>;

struct free_attributes {
    void operator()(sftp_attributes attributes) const noexcept { sftp_attributes_free(attributes); }
};
using attributes_pointer = std::unique_ptr<sftp_attributes_struct, free_attributes>;

struct close_file {
    void operator()(sftp_file file) const noexcept { sftp_close(file); }
};
using file_pointer = std::unique_ptr<sftp_file_struct, close_file>;

struct close_folder {
    void operator()(sftp_dir folder) const noexcept { sftp_closedir(folder); }
};
using folder_pointer = std::unique_ptr<sftp_dir_struct, close_folder>;

struct free_ssh {
    void operator()(ssh_session session) const noexcept {
        ssh_disconnect(session);
        ssh_free(session);
    }
};
using ssh_pointer = std::unique_ptr<ssh_session_struct, free_ssh>;

struct free_sftp {
    void operator()(sftp_session session) const noexcept { sftp_free(session); }
};
using sftp_pointer = std::unique_ptr<sftp_session_struct, free_sftp>;

}  // namespace sluice::sftp
