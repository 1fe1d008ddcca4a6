#include "seen_files.hpp"

#include <algorithm>
#include <sluice/encoding.hpp>
#include <sluice/failure.hpp>

#include "step_hash.hpp"

namespace sluice::sftp {
namespace {

constexpr std::size_t bytes_each = 6;
// Of this format; the second one: the next look follows at once.
constexpr std::string_view prefix = "1:";
constexpr std::string_view prefix_at_once = "2:";

}  // namespace

std::uint64_t version_of(const std::string& path, const file_info& info) {
    const auto digest =
        sha256(path + '\0' + std::to_string(info.size) + '\0' + std::to_string(info.modified));
    std::uint64_t version = 0;
    for (std::size_t i = 0; i < bytes_each; ++i)
        version = version << 8 | digest[i];
    return version & ~std::uint64_t{1};
}

seen_files::seen_files(const json& cursor) {
    if (cursor.is_null()) return;
    const std::string text = cursor.is_string() ? cursor.as_string() : "";
    at_once_ = text.starts_with(prefix_at_once);
    const auto bytes = at_once_ || text.starts_with(prefix)
                           ? base64_decode(text.substr(prefix.size()))
                           : std::nullopt;
    if (!bytes || bytes->size() % bytes_each != 0) {
        throw failure(SLUICE_INVALID_INPUT, "'cursor' is none that listNewFiles has given");
    }
    for (std::size_t at = 0; at < bytes->size(); at += bytes_each) {
        std::uint64_t entry = 0;
        for (std::size_t i = 0; i < bytes_each; ++i)
            entry = entry << 8 | static_cast<unsigned char>((*bytes)[at + i]);
        sorted_.push_back(entry);
    }
    std::sort(sorted_.begin(), sorted_.end());
}

seen_files::state seen_files::of(std::uint64_t version) const {
    const auto found = std::lower_bound(sorted_.begin(), sorted_.end(), version);
    if (found == sorted_.end() || (*found & ~std::uint64_t{1}) != version) return state::unknown;
    return (*found & 1) != 0 ? state::given : state::seen;
}

void seen_files::add(std::uint64_t version, state now) {
    const std::uint64_t entry = version | (now == state::given ? 1 : 0);
    sorted_.insert(std::upper_bound(sorted_.begin(), sorted_.end(), entry), entry);
}

json seen_files::cursor() const {
    std::string bytes;
    bytes.reserve(sorted_.size() * bytes_each);
    for (const std::uint64_t entry : sorted_) {
        for (std::size_t i = bytes_each; i-- > 0;)
            bytes.push_back(static_cast<char>(entry >> (8 * i) & 0xFF));
    }
    return std::string(at_once_ ? prefix_at_once : prefix) + base64_encode(bytes);
}

}  // namespace sluice::sftp
