// The request posix-rename@openssh.com, which libssh 0.10 does not have: SFTP's own rename fails
// when there is a target. (PROTOCOL of OpenSSH, section 4.3.)
#include <array>

#include "session.hpp"

namespace sluice::sftp {
namespace {

constexpr const char* extension = "posix-rename@openssh.com";

void put_number(std::string& packet, std::uint32_t number) {
    for (const unsigned shift : {24u, 16u, 8u, 0u})
        packet.push_back(static_cast<char>(number >> shift & 0xFF));
}

void put_text(std::string& packet, std::string_view text) {
    put_number(packet, static_cast<std::uint32_t>(text.size()));
    packet += text;
}

std::uint32_t read_number(const char* bytes) {
    std::uint32_t number = 0;
    for (int i = 0; i < 4; ++i)
        number = number << 8 | static_cast<unsigned char>(bytes[i]);
    return number;
}

}  // namespace

void session::replace(const std::string& from, const std::string& to) {
    const std::string what = "cannot move " + from + " to " + to;
    if (offers(extension)) {
        const int status = static_cast<int>(ask_to_replace(from, to));
        if (status != SSH_FX_OK) fail_with_status(status, what);
        return;
    }
    // In two steps, then. After a break between them the source is there, and it works again.
    if (!find_link(from)) throw failure(SLUICE_NOT_FOUND, what + ": there is no such file");
    if (find_link(to)) remove_file(to);
    if (sftp_rename(ask(), from.c_str(), to.c_str()) != SSH_OK) fail(what);
}

std::uint32_t session::ask_to_replace(const std::string& from, const std::string& to) {
    const std::uint32_t id = ++ask()->id_counter;
    std::string body(1, static_cast<char>(SSH_FXP_EXTENDED));
    put_number(body, id);
    put_text(body, extension);
    put_text(body, from);
    put_text(body, to);
    std::string packet;
    put_text(packet, body);
    const auto size = static_cast<std::uint32_t>(packet.size());
    if (ssh_channel_write(sftp_->channel, packet.data(), size) != static_cast<int>(size)) {
        lose("cannot move " + from);
    }
    std::array<char, 4> length{};
    read_exactly(length.data(), length.size());
    // type, id, status, two texts
    constexpr std::uint32_t shortest = 9;
    constexpr std::uint32_t longest = 32 * 1024;
    const std::uint32_t answer_size = read_number(length.data());
    if (answer_size < shortest || answer_size > longest) lose("the server's answer is malformed");
    std::string answer(answer_size, '\0');
    read_exactly(answer.data(), answer_size);
    if (answer[0] != SSH_FXP_STATUS || read_number(answer.data() + 1) != id) {
        lose("the server's answer is malformed");
    }
    return read_number(answer.data() + 5);
}

void session::read_exactly(char* into, std::uint32_t size) {
    while (size > 0) {
        const int got = ssh_channel_read(sftp_->channel, into, size, 0);
        // 0: its end, or libssh's own timeout
        if (got <= 0) lose("cannot read the server's answer");
        into += got;
        size -= static_cast<std::uint32_t>(got);
    }
}

}  // namespace sluice::sftp
