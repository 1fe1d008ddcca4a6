#include "session.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <sluice/file_names.hpp>

#include "log_in.hpp"
#include "paths.hpp"

namespace sluice::sftp {
namespace {

// A folder with more is not listed: it would not fit into an answer, nor into reasonable memory.
constexpr std::size_t most_entries = 200'000;

sluice_code code_of(int status) {
    switch (status) {
        case SSH_FX_NO_SUCH_FILE:
        case SSH_FX_NO_SUCH_PATH:
            return SLUICE_NOT_FOUND;
        // Not SLUICE_AUTH: the log-in is good, it just may not do this.
        case SSH_FX_PERMISSION_DENIED:
        case SSH_FX_WRITE_PROTECT:
            return SLUICE_INVALID_INPUT;
        case SSH_FX_FILE_ALREADY_EXISTS:
            return SLUICE_CONFLICT;
        case SSH_FX_OP_UNSUPPORTED:
            return SLUICE_UNSUPPORTED;
        default:
            // SSH_FX_FAILURE is everything else: a full disk, too many open files, ...
            return SLUICE_UNAVAILABLE;
    }
}

const char* words_of(int status) {
    switch (status) {
        case SSH_FX_NO_SUCH_FILE:
        case SSH_FX_NO_SUCH_PATH:
            return "there is no such file";
        case SSH_FX_PERMISSION_DENIED:
            return "permission denied";
        case SSH_FX_WRITE_PROTECT:
            return "it is write protected";
        case SSH_FX_FILE_ALREADY_EXISTS:
            return "it exists already";
        case SSH_FX_OP_UNSUPPORTED:
            return "the server cannot do that";
        case SSH_FX_FAILURE:
            return "the server says no more than 'failure' (a full disk?)";
        default:
            return "the server refuses";
    }
}

}  // namespace

session::session(const settings& wanted, const context& ctx, const std::shared_ptr<watchdog>& dog) {
    logged_in connected = log_in(wanted, ctx, dog);
    ssh_ = std::move(connected.ssh);
    host_key_ = std::move(connected.host_key);
    watched_ = std::move(connected.watched);
    watched_->start_anew();
    sftp_.reset(sftp_new(ssh_.get()));
    if (!sftp_ || sftp_init(sftp_.get()) != SSH_OK) {
        const std::string why = ssh_get_error(ssh_.get());
        if (watched_->found() != watchdog::verdict::fine) lose("cannot begin with SFTP");
        throw failure(SLUICE_UNAVAILABLE, "the server lets the user in, but not use SFTP: " + why);
    }
}

session::~session() {
    if (!usable()) give_up();
}

void session::give_up() noexcept {
    if (given_up_) return;
    given_up_ = true;
    // Closing what is still open would wait for answers otherwise.
    ::shutdown(ssh_get_fd(ssh_.get()), SHUT_RDWR);
}

bool session::usable() const noexcept {
    // What the watchdog has ended may not have come to libssh's notice yet.
    return !given_up_ && sftp_ && watched_->found() == watchdog::verdict::fine &&
           ssh_is_connected(ssh_.get()) != 0 && ssh_channel_is_open(sftp_->channel) != 0 &&
           ssh_channel_is_eof(sftp_->channel) == 0;
}

void session::use_for(const context* call) { watched_->use_for(call); }

::sftp_session session::ask() {
    watched_->start_anew();
    // When nothing is answered, libssh leaves the status of an earlier request there.
    sftp_->errnum = SSH_FX_OK;
    return sftp_.get();
}

void session::lose(const std::string& what) {
    const std::string why = ssh_get_error(ssh_.get());
    give_up();
    switch (watched_->found()) {
        case watchdog::verdict::cancelled:
            throw failure(SLUICE_CANCELLED, "the host asked the call to end");
        case watchdog::verdict::hangs:
            throw connection_lost(SLUICE_TIMEOUT, what + ": the server does not answer in time");
        case watchdog::verdict::fine:
            break;
    }
    throw connection_lost(SLUICE_UNAVAILABLE, what + ": the connection broke: " + why);
}

void session::fail(const std::string& what) {
    const int status = sftp_get_error(sftp_.get());
    const bool fatal = ssh_get_error_code(ssh_.get()) == SSH_FATAL;
    if (fatal || !usable() || status == SSH_FX_OK || status == SSH_FX_NO_CONNECTION ||
        status == SSH_FX_CONNECTION_LOST) {
        lose(what);
    }
    fail_with_status(status, what);
}

void session::fail_with_status(int status, const std::string& what) {
    throw failure(code_of(status), what + ": " + words_of(status))
        .details(json{{"sftpStatus", status}});
}

std::optional<file_info> session::read_attributes(sftp_attributes found, const std::string& path) {
    const attributes_pointer attributes(found);
    if (!attributes) {
        const int status = sftp_get_error(sftp_.get());
        const bool missing = status == SSH_FX_NO_SUCH_FILE || status == SSH_FX_NO_SUCH_PATH;
        if (missing && usable()) return std::nullopt;
        fail("cannot look at " + path);
    }
    file_info info = read_info(*attributes);
    info.name = name_of(path);
    return info;
}

std::optional<file_info> session::find(const std::string& path) {
    return read_attributes(sftp_stat(ask(), path.c_str()), path);
}

std::optional<file_info> session::find_link(const std::string& path) {
    return read_attributes(sftp_lstat(ask(), path.c_str()), path);
}

file_info session::stat(const std::string& path) {
    std::optional<file_info> found = find(path);
    if (!found) throw failure(SLUICE_NOT_FOUND, "there is no " + path);
    return *found;
}

file_info session::stat_file(const std::string& path) {
    file_info found = stat(path);
    if (found.type != file_type::file) {
        throw failure(SLUICE_INVALID_INPUT, path + " is no file");
    }
    return found;
}

std::vector<file_info> session::read_folder(const std::string& path) {
    const folder_pointer folder(sftp_opendir(ask(), path.c_str()));
    if (!folder) fail("cannot list " + path);
    std::vector<file_info> found;
    // All count: a server that gives "." without end must not keep the call for ever either.
    std::size_t entries = 0;
    for (;;) {
        const attributes_pointer entry(sftp_readdir(ask(), folder.get()));
        if (!entry) break;
        if (++entries > most_entries) {
            throw failure(SLUICE_UNSUPPORTED, path + " holds more than 200,000 entries");
        }
        file_info info = read_info(*entry);
        if (info.name == "." || info.name == "..") continue;
        // No file system has such names, and they would be kept in memory: it counts as unusable.
        if (info.name.size() > longest_file_name) info.name = std::string();
        found.push_back(std::move(info));
    }
    if (sftp_dir_eof(folder.get()) == 0) fail("cannot list " + path);
    return found;
}

bool session::rename(const std::string& from, const std::string& to) {
    // Servers differ in what they do when there is one; looking first catches most.
    if (find_link(to)) return false;
    if (sftp_rename(ask(), from.c_str(), to.c_str()) == SSH_OK) return true;
    const std::string what = "cannot move " + from + " to " + to;
    const int status = sftp_get_error(sftp_.get());
    const bool may_be_there = status == SSH_FX_FAILURE || status == SSH_FX_FILE_ALREADY_EXISTS;
    if (!may_be_there || !usable()) fail(what);
    if (find_link(to)) return false;
    fail_with_status(status, what);
}

void session::remove_file(const std::string& path) {
    if (sftp_unlink(ask(), path.c_str()) != SSH_OK) fail("cannot delete " + path);
}

void session::remove_folder(const std::string& path) {
    if (sftp_rmdir(ask(), path.c_str()) != SSH_OK) {
        const bool failed = sftp_get_error(sftp_.get()) == SSH_FX_FAILURE;
        fail("cannot delete the folder " + path + (failed ? " (is it empty?)" : ""));
    }
}

bool session::make_folder(const std::string& path) {
    if (sftp_mkdir(ask(), path.c_str(), 0777) == SSH_OK) return true;
    if (sftp_get_error(sftp_.get()) == SSH_FX_FILE_ALREADY_EXISTS && usable()) return false;
    fail("cannot make the folder " + path);
}

void session::make_folders(const std::string& path) {
    if (path.empty() || path == "." || path == "/") return;
    if (const auto found = find(path)) {
        if (found->type == file_type::folder) return;
        throw failure(SLUICE_CONFLICT, path + " exists and is no folder");
    }
    make_folders(std::string(folder_of(path)));
    make_folder(path);
}

file_pointer session::open(const std::string& path, int flags) {
    file_pointer file(sftp_open(ask(), path.c_str(), flags, 0666));
    if (!file) fail("cannot open " + path);
    return file;
}

void session::flush(sftp_file file, const std::string& path) {
    if (!offers("fsync@openssh.com")) return;
    ask();
    if (sftp_fsync(file) != SSH_OK) fail("cannot write " + path);
}

std::string session::home() {
    char* path = sftp_canonicalize_path(ask(), ".");
    if (path == nullptr) fail("cannot find out the folder of the log-in");
    std::string copy(path);
    ssh_string_free_char(path);
    return copy;
}

std::string session::server_banner() const {
    const char* banner = ssh_get_serverbanner(ssh_.get());
    return banner == nullptr ? "" : banner;
}

bool session::offers(const char* extension) const {
    return sftp_extension_supported(sftp_.get(), extension, "1") != 0;
}

}  // namespace sluice::sftp
