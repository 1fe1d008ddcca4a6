#include "instance/master_keys.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <cstdint>
#include <optional>
#include <system_error>

#include "base/encoding.hpp"
#include "base/file.hpp"
#include "base/seal.hpp"
#include "base/subprocess.hpp"

namespace sluice::instance {
namespace {

constexpr std::size_t largest_text = 64 * 1024;
constexpr std::int64_t longest_command_ms = 60'000;
constexpr std::size_t id_digits = 16;

base::result<base::secret> from_file(const std::filesystem::path& file) {
    struct stat found {};
    if (::stat(file.c_str(), &found) != 0) {
        return base::make_error(
            base::error_code::not_found,
            "the master key " + file.string() + ": " + std::generic_category().message(errno),
            "without it nothing that was sealed can be read; bring the file back, or name another "
            "place");
    }
    if ((found.st_mode & 077) != 0) {
        return base::make_error(base::error_code::auth,
                                "the master key " + file.string() + " can be read by others",
                                "chmod 0400 it, and think about whether they have");
    }
    base::result<std::string> text = base::read_file(file, largest_text);
    if (!text) return std::move(text).error_value();
    return base::secret(std::move(*text));
}

base::result<base::secret> from_command(const std::vector<std::string>& command) {
    base::process_command wanted;
    wanted.argv = command;
    auto ran = base::run_subprocess(wanted, longest_command_ms, largest_text);
    if (!ran) return std::move(ran).error_value();
    if (ran->timed_out || !ran->exit.ok()) {
        base::wipe(ran->out);
        return base::make_error(
            base::error_code::unavailable,
            std::string("the command for the master key ") +
                (ran->timed_out ? "did not end within a minute"
                                : "ended with " + ran->exit.to_text() + ": " + ran->err));
    }
    return base::secret(std::move(ran->out));
}

}  // namespace

base::result<master_keys> master_keys::parse(const base::secret& text, const std::string& where) {
    master_keys out;
    std::string_view rest = text.reveal();
    for (int number = 1; !rest.empty(); ++number) {
        const std::size_t end = rest.find('\n');
        std::string_view line = rest.substr(0, end);
        rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.empty() || line.starts_with('#')) continue;
        std::optional<std::string> bytes = base::from_base64(line);
        if (!bytes || bytes->size() != base::seal_key_size) {
            return base::make_error(
                base::error_code::invalid_input,
                where + ", line " + std::to_string(number) + ": not a key of 32 bytes in base64",
                "`openssl rand -base64 32` makes one");
        }
        base::secret key(std::move(*bytes));
        std::string id = master_key_id(key);
        if (out.find(id) == nullptr) out.keys_.emplace_back(std::move(id), std::move(key));
    }
    if (!out.keys_.empty()) return out;
    return base::make_error(base::error_code::invalid_input, where + " holds no key",
                            "`openssl rand -base64 32` makes one");
}

const base::secret* master_keys::find(std::string_view id) const {
    for (const auto& [known, key] : keys_) {
        if (known == id) return &key;
    }
    return nullptr;
}

std::string master_keys::ids() const {
    std::string out;
    for (const auto& [id, key] : keys_) {
        if (!out.empty()) out += ", ";
        out += id;
    }
    return out;
}

std::string master_key_id(const base::secret& key) {
    return base::to_hex(base::hmac_sha256(key.reveal(), "sluice master key")).substr(0, id_digits);
}

base::result<master_keys> read_master_keys(const master_key_source& from,
                                           const manifest::environment& lookup) {
    if (!from.file.empty()) {
        base::result<base::secret> text = from_file(from.file);
        if (!text) return std::move(text).error_value();
        return master_keys::parse(*text, "the master key " + from.file.string());
    }
    if (!from.command.empty()) {
        base::result<base::secret> text = from_command(from.command);
        if (!text) return std::move(text).error_value();
        return master_keys::parse(*text, "what the command for the master key printed");
    }
    std::optional<std::string> text = lookup(from.variable);
    if (!text) {
        return base::make_error(
            base::error_code::not_found,
            "the environment variable " + from.variable + " for the master key is not set");
    }
    const base::secret taken(std::move(*text));
    return master_keys::parse(taken, "the environment variable " + from.variable);
}

base::result<void> create_master_key(const std::filesystem::path& file,
                                     base::random_source& random) {
    std::error_code ignored;
    if (std::filesystem::exists(file, ignored)) {
        return base::make_error(base::error_code::conflict, file.string() + " is there already");
    }
    const base::secret key = base::make_seal_key(random);
    std::string text = base::to_base64(key.reveal()) + '\n';
    base::result<void> written = base::write_file(file, text, 0400);
    base::wipe(text);
    return written;
}

}  // namespace sluice::instance
