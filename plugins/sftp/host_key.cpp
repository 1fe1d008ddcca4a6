#include "host_key.hpp"

#include <array>
#include <memory>
#include <sluice/encoding.hpp>
#include <sluice/failure.hpp>

#include "raii.hpp"

namespace sluice::sftp {
namespace {

constexpr std::string_view blanks = " \t\r";
constexpr std::string_view fingerprint_prefix = "SHA256:";

std::vector<std::string> words_of(std::string_view line) {
    std::vector<std::string> words;
    for (std::size_t at = line.find_first_not_of(blanks); at != line.npos;) {
        const std::size_t end = std::min(line.find_first_of(blanks, at), line.size());
        words.emplace_back(line.substr(at, end - at));
        at = line.find_first_not_of(blanks, end);
    }
    return words;
}

[[noreturn]] void refuse(std::string_view line) {
    throw failure(SLUICE_INVALID_INPUT,
                  "the connection's 'hostKey' has a line that is neither SHA256:... nor a public "
                  "key: " +
                      std::string(line.substr(0, 80)));
}

// A SHA-256 is 32 bytes: 43 characters of base64 and, where somebody kept it, the padding.
std::string checked_fingerprint(std::string_view word, std::string_view line) {
    while (word.ends_with('='))
        word.remove_suffix(1);
    const std::string digest = std::string(word.substr(fingerprint_prefix.size())) + "=";
    const auto bytes = base64_decode(digest);
    if (!bytes || bytes->size() != 32) refuse(line);
    return std::string(word);
}

std::string algorithms_of(ssh_keytypes_e type, const std::string& name) {
    if (type == SSH_KEYTYPE_RSA) return "rsa-sha2-512,rsa-sha2-256";
    return name;
}

pinned_key parse_line(std::string_view line) {
    const std::vector<std::string> words = words_of(line);
    // A key that is not to be trusted any more, or that is no host's: known_hosts has both.
    if (words[0].starts_with('@')) {
        throw failure(SLUICE_INVALID_INPUT,
                      "the connection's 'hostKey' has a line with " + words[0].substr(0, 80) +
                          ", which names no key of a server: take a line without a word with @");
    }
    if (words[0].starts_with(fingerprint_prefix)) return {checked_fingerprint(words[0], line), ""};
    // Names of the host may stand before the key, a comment behind it.
    for (std::size_t i = 0; i + 1 < words.size() && i < 3; ++i) {
        const ssh_keytypes_e type = ssh_key_type_from_name(words[i].c_str());
        if (type == SSH_KEYTYPE_UNKNOWN) continue;
        ssh_key read = nullptr;
        const int imported = ssh_pki_import_pubkey_base64(words[i + 1].c_str(), type, &read);
        const key_pointer key(read);
        if (imported != SSH_OK) refuse(line);
        return {fingerprint_of(key.get()), algorithms_of(type, words[i])};
    }
    refuse(line);
}

}  // namespace

std::vector<pinned_key> parse_pinned_keys(std::string_view text) {
    std::vector<pinned_key> keys;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        const std::size_t begin = line.find_first_not_of(blanks);
        if (begin == line.npos || line[begin] == '#') continue;
        keys.push_back(parse_line(line.substr(begin)));
    }
    if (keys.empty()) throw failure(SLUICE_INVALID_INPUT, "the connection has no 'hostKey'");
    return keys;
}

std::string fingerprint_of(ssh_key key) {
    unsigned char* hash = nullptr;
    std::size_t size = 0;
    if (ssh_get_publickey_hash(key, SSH_PUBLICKEY_HASH_SHA256, &hash, &size) != SSH_OK) return {};
    char* text = ssh_get_fingerprint_hash(SSH_PUBLICKEY_HASH_SHA256, hash, size);
    std::string fingerprint = text == nullptr ? "" : text;
    ssh_string_free_char(text);
    ssh_clean_pubkey_hash(&hash);
    return fingerprint;
}

}  // namespace sluice::sftp
