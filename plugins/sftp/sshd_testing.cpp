#include "sshd_testing.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <pwd.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "host_key.hpp"

namespace sluice::sftp::testing {
namespace {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

void write_file(const fs::path& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
}

fs::path make_temporary() {
    std::string name = (fs::temp_directory_path() / "sluice-sftp-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    ::chmod(name.c_str(), 0755);
    return name;
}

bool accepts(unsigned port) {
    const int peer = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const bool connected =
        ::connect(peer, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
    ::close(peer);
    return connected;
}

std::vector<pid_t> children_of(pid_t parent) {
    const std::string id = std::to_string(parent);
    std::ifstream in("/proc/" + id + "/task/" + id + "/children");
    std::vector<pid_t> found;
    for (pid_t child = 0; in >> child;)
        found.push_back(child);
    return found;
}

void kill_below(pid_t parent) {
    for (const pid_t child : children_of(parent)) {
        kill_below(child);
        ::kill(child, SIGKILL);
    }
}

void make_key(const fs::path& file, const std::vector<std::string>& options,
              const std::string& passphrase = "") {
    std::vector<std::string> command{"ssh-keygen", "-q", "-N", passphrase, "-f", file.string()};
    command.insert(command.end(), options.begin(), options.end());
    run_program(command);
}

}  // namespace

void run_program(const std::vector<std::string>& command) {
    std::vector<char*> arguments;
    for (const std::string& word : command)
        arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    pid_t child = 0;
    if (::posix_spawnp(&child, arguments[0], nullptr, nullptr, arguments.data(), environ) != 0) {
        throw std::runtime_error("cannot start " + command[0]);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    if (status != 0) throw std::runtime_error(command[0] + " failed");
}

unsigned free_port() {
    const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    ::bind(probe, reinterpret_cast<sockaddr*>(&address), size);
    ::getsockname(probe, reinterpret_cast<sockaddr*>(&address), &size);
    ::close(probe);
    return ntohs(address.sin_port);
}

test_keys::test_keys() : folder(make_temporary()) {
    make_key(folder / "ed25519", {"-t", "ed25519"});
    make_key(folder / "ecdsa", {"-t", "ecdsa"});
    make_key(folder / "rsa", {"-t", "rsa", "-b", "2048", "-m", "PEM"});
    make_key(folder / "encrypted", {"-t", "ed25519"}, "open sesame");
    make_key(folder / "stranger", {"-t", "ed25519"});
    make_key(folder / "host", {"-t", "ed25519"});
    make_key(folder / "other-host", {"-t", "ed25519"});
    make_key(folder / "rsa-host", {"-t", "rsa", "-b", "2048"});
}
test_keys::~test_keys() {
    std::error_code ignored;
    fs::remove_all(folder, ignored);
}
std::string test_keys::private_key(const std::string& name) const {
    return read_file(folder / name);
}
std::string test_keys::public_key(const std::string& name) const {
    return read_file(folder / (name + ".pub"));
}
std::string test_keys::fingerprint(const std::string& name) const {
    ssh_key read = nullptr;
    ssh_pki_import_pubkey_file((folder / (name + ".pub")).c_str(), &read);
    std::string text = fingerprint_of(read);
    ssh_key_free(read);
    return text;
}
const test_keys& keys() {
    static const test_keys all;
    return all;
}

testing_server::testing_server(server_options options)
    : options_(std::move(options)), top_(make_temporary()), folder_(top_ / "files") {
    const bool is_root = ::geteuid() == 0;
    const passwd* who = is_root ? ::getpwnam("nobody") : ::getpwuid(::geteuid());
    user_ = who->pw_name;
    fs::create_directory(folder_);
    if (is_root) {
        fs::create_directories("/run/sshd");  // sshd insists when it is root
        if (::chown(folder_.c_str(), who->pw_uid, who->pw_gid) != 0) {
            throw std::runtime_error("chown");
        }
    }
    std::string allowed;
    for (const char* name : {"ed25519", "ecdsa", "rsa", "encrypted"})
        allowed += keys().public_key(name);
    write_file(top_ / "authorized_keys", allowed);
    start();
}

testing_server::~testing_server() {
    stop();
    std::error_code ignored;
    fs::remove_all(top_, ignored);
}

void testing_server::start() {
    std::string config;
    for (const std::string& name : options_.host_keys)
        config += "HostKey " + (keys().folder / name).string() + "\n";
    config += "ListenAddress 127.0.0.1\nPidFile none\nStrictModes no\nUsePAM no\nUseDNS no\n";
    config += "MaxStartups 100\nAuthorizedKeysFile " + (top_ / "authorized_keys").string() + "\n";
    config += "Subsystem sftp internal-sftp -d " + folder_.string() + "\n";
    for (const std::string& line : options_.lines)
        config += line + "\n";
    write_file(top_ / "sshd_config", config);
    // Another process may take the port between looking for it and using it.
    const bool port_is_known = port_ != 0;
    for (int attempt = 0; attempt < 20; ++attempt) {
        if (!port_is_known) port_ = free_port();
        if (try_to_start()) return;
    }
    throw std::runtime_error("sshd does not start: " + read_file(top_ / "sshd.log"));
}

bool testing_server::try_to_start() {
    const std::string port = std::to_string(port_);
    const std::string config = (top_ / "sshd_config").string();
    const std::string log = (top_ / "sshd.log").string();
    process_ = ::fork();
    if (process_ == 0) {
        if (options_.largest_file != 0) {
            const rlimit limit{options_.largest_file, options_.largest_file};
            ::setrlimit(RLIMIT_FSIZE, &limit);
            ::signal(SIGXFSZ, SIG_IGN);
        }
        ::execl("/usr/sbin/sshd", "/usr/sbin/sshd", "-D", "-f", config.c_str(), "-p", port.c_str(),
                "-E", log.c_str(), static_cast<char*>(nullptr));
        ::_exit(127);
    }
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (std::chrono::steady_clock::now() < deadline) {
        if (::waitpid(process_, nullptr, WNOHANG) == process_) {
            process_ = 0;
            return false;
        }
        if (accepts(port_)) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    stop();
    return false;
}

void testing_server::stop() {
    if (process_ == 0) return;
    kill_sessions();
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
    process_ = 0;
}

void testing_server::restart_with(const std::string& host_key) {
    stop();
    options_.host_keys = {host_key};
    start();
}

void testing_server::kill_sessions() const { kill_below(process_); }
int testing_server::sessions() const { return static_cast<int>(children_of(process_).size()); }

void testing_server::write(const std::string& name, const std::string& bytes) const {
    write_file(folder_ / name, bytes);
    ::chmod((folder_ / name).c_str(), 0666);
}
std::string testing_server::read(const std::string& name) const {
    return read_file(folder_ / name);
}
void testing_server::make_folder(const std::string& name) const {
    fs::create_directories(folder_ / name);
    ::chmod((folder_ / name).c_str(), 0777);
}
bool testing_server::exists(const std::string& name) const {
    return fs::exists(fs::symlink_status(folder_ / name));
}
std::vector<std::string> testing_server::names(const std::string& name) const {
    std::vector<std::string> found;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder_ / name))
        found.push_back(entry.path().filename().string());
    std::sort(found.begin(), found.end());
    return found;
}
void testing_server::set_modified(const std::string& name, long seconds_since_1970) const {
    const timespec time{seconds_since_1970, 0};
    const timespec both[] = {time, time};
    ::utimensat(AT_FDCWD, (folder_ / name).c_str(), both, 0);
}

}  // namespace sluice::sftp::testing
