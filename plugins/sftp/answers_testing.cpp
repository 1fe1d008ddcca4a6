#include "answers_testing.hpp"

#include <libssh/sftp.h>

#include <algorithm>
#include <vector>

namespace sluice::sftp::testing {
namespace {

std::uint64_t take_number(std::string_view& rest, std::size_t bytes) {
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < bytes && !rest.empty(); ++i) {
        number = number << 8 | static_cast<unsigned char>(rest[0]);
        rest.remove_prefix(1);
    }
    return number;
}

std::string take_text(std::string_view& rest) {
    const auto size = static_cast<std::size_t>(take_number(rest, 4));
    std::string text(rest.substr(0, size));
    rest.remove_prefix(text.size());
    return text;
}

void put(std::string& out, std::uint64_t number, unsigned bytes) {
    for (unsigned i = bytes; i-- > 0;)
        out.push_back(static_cast<char>(number >> (8 * i) & 0xFF));
}

void put_text(std::string& out, std::string_view text) {
    put(out, text.size(), 4);
    out += text;
}

std::string begin(int type, std::uint32_t id) {
    std::string answer(1, static_cast<char>(type));
    put(answer, id, 4);
    return answer;
}

std::string status(std::uint32_t id, std::uint32_t code) {
    std::string answer = begin(SSH_FXP_STATUS, id);
    put(answer, code, 4);
    put_text(answer, "as the script says");
    put_text(answer, "en");
    return answer;
}

void put_attributes(std::string& out, std::uint64_t size, bool is_folder) {
    put(out, SSH_FILEXFER_ATTR_SIZE | SSH_FILEXFER_ATTR_PERMISSIONS | SSH_FILEXFER_ATTR_ACMODTIME,
        4);
    put(out, size, 8);
    put(out, is_folder ? 0040755u : 0100644u, 4);
    put(out, 1769860800, 4);
    put(out, 1769860800, 4);
}

std::string names(std::uint32_t id, const std::vector<std::string>& all) {
    std::string answer = begin(SSH_FXP_NAME, id);
    put(answer, all.size(), 4);
    for (const std::string& name : all) {
        put_text(answer, name);
        put_text(answer, name);
        put_attributes(answer, 1, false);
    }
    return answer;
}

}  // namespace

std::optional<std::string> answers::to(std::string_view packet) {
    const auto type = static_cast<int>(take_number(packet, 1));
    const auto id = static_cast<std::uint32_t>(take_number(packet, 4));
    if (type == SSH_FXP_INIT) return begin(SSH_FXP_VERSION, 3);
    const std::lock_guard lock(store_.mutex);
    switch (type) {
        case SSH_FXP_OPEN:
            return open(id, packet);
        case SSH_FXP_CLOSE:
            return close(id, packet);
        case SSH_FXP_READ:
            return read(id, packet);
        case SSH_FXP_WRITE:
            return write(id, packet);
        case SSH_FXP_STAT:
        case SSH_FXP_LSTAT:
            return attributes(id, packet);
        case SSH_FXP_OPENDIR:
            return make_handle(id, take_text(packet));
        case SSH_FXP_READDIR:
            return list(id, packet);
        case SSH_FXP_REMOVE:
            return remove(id, packet);
        case SSH_FXP_MKDIR:
            store_.folders.insert(take_text(packet));
            return status(id, SSH_FX_OK);
        case SSH_FXP_REALPATH:
            return names(id, {"/"});
        case SSH_FXP_RENAME:
            return rename(id, packet);
        default:
            return status(id, SSH_FX_OP_UNSUPPORTED);
    }
}

std::string answers::make_handle(std::uint32_t id, std::string path) {
    const std::string name = std::to_string(next_++);
    open_[name].path = std::move(path);
    std::string answer = begin(SSH_FXP_HANDLE, id);
    put_text(answer, name);
    return answer;
}

std::string answers::open(std::uint32_t id, std::string_view rest) {
    const std::string path = take_text(rest);
    const std::uint64_t flags = take_number(rest, 4);
    if ((flags & SSH_FXF_CREAT) == 0 && !store_.files.contains(path)) {
        return status(id, SSH_FX_NO_SUCH_FILE);
    }
    std::string& bytes = store_.files[path];
    if ((flags & SSH_FXF_TRUNC) != 0) bytes.clear();
    return make_handle(id, path);
}

std::string answers::close(std::uint32_t id, std::string_view rest) {
    const std::string name = take_text(rest);
    const bool refused = how_.refuses_to_close_written && open_[name].written;
    open_.erase(name);
    return status(id, refused ? SSH_FX_FAILURE : SSH_FX_OK);
}

std::string answers::read(std::uint32_t id, std::string_view rest) {
    const std::string& bytes = store_.files[open_[take_text(rest)].path];
    const auto at = static_cast<std::size_t>(take_number(rest, 8));
    const auto size = static_cast<std::size_t>(take_number(rest, 4));
    if (at >= bytes.size()) return status(id, SSH_FX_EOF);
    std::string answer = begin(SSH_FXP_DATA, id);
    put_text(answer, std::string_view(bytes).substr(at, std::min(size, how_.largest_read)));
    return answer;
}

std::optional<std::string> answers::write(std::uint32_t id, std::string_view rest) {
    handle& file = open_[take_text(rest)];
    const auto at = static_cast<std::size_t>(take_number(rest, 8));
    const std::string data = take_text(rest);
    if (data.size() > how_.largest_write) {
        if (how_.closes_on_large_writes) return std::nullopt;
        return status(id, SSH_FX_FAILURE);
    }
    std::string& bytes = store_.files[file.path];
    if (bytes.size() < at + data.size()) bytes.resize(at + data.size());
    bytes.replace(at, data.size(), data);
    file.written = true;
    return status(id, SSH_FX_OK);
}

std::string answers::attributes(std::uint32_t id, std::string_view rest) {
    const std::string path = take_text(rest);
    const auto found = store_.files.find(path);
    const bool is_folder = store_.folders.contains(path);
    if (found == store_.files.end() && !is_folder) return status(id, SSH_FX_NO_SUCH_FILE);
    std::string answer = begin(SSH_FXP_ATTRS, id);
    put_attributes(answer, is_folder ? 0 : found->second.size(), is_folder);
    return answer;
}

std::string answers::list(std::uint32_t id, std::string_view rest) {
    handle& folder = open_[take_text(rest)];
    if (how_.lists == listing::endless_points) {
        return names(id, std::vector<std::string>(500, "."));
    }
    if (folder.listed) return status(id, SSH_FX_EOF);
    folder.listed = true;
    switch (how_.lists) {
        case listing::long_names:
            return names(id, {std::string(20'000, 'x'), std::string(256, 'y'), "good"});
        case listing::nameless:
            return names(id, {});
        case listing::garbage:
            return begin(SSH_FXP_NAME, id) + "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF";
        default:
            break;
    }
    std::vector<std::string> all;
    for (const auto& [path, bytes] : store_.files)
        all.push_back(path);
    return names(id, all);
}

std::string answers::remove(std::uint32_t id, std::string_view rest) {
    if (how_.refuses_to_remove) return status(id, SSH_FX_PERMISSION_DENIED);
    const bool removed = store_.files.erase(take_text(rest)) != 0;
    return status(id, removed ? SSH_FX_OK : SSH_FX_NO_SUCH_FILE);
}

// As the protocol has it: a target that exists is an error.
std::string answers::rename(std::uint32_t id, std::string_view rest) {
    const std::string from = take_text(rest);
    const std::string to = take_text(rest);
    if (!store_.files.contains(from)) return status(id, SSH_FX_NO_SUCH_FILE);
    if (store_.files.contains(to)) return status(id, SSH_FX_FAILURE);
    auto moved = store_.files.extract(from);
    moved.key() = to;
    store_.files.insert(std::move(moved));
    return status(id, SSH_FX_OK);
}

}  // namespace sluice::sftp::testing
