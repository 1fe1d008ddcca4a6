#include "content_hash.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <sluice/failure.hpp>

namespace sluice::dropbox {
namespace {

constexpr std::size_t block_size = std::size_t{4} * 1024 * 1024;
constexpr std::size_t read_size = std::size_t{1} * 1024 * 1024;

using sha256_bytes = std::array<unsigned char, 32>;

void require(bool worked) {
    if (!worked) throw failure(SLUICE_INTERNAL, "OpenSSL cannot compute a SHA-256");
}

void begin(EVP_MD_CTX* digest) {
    require(digest != nullptr && EVP_DigestInit_ex(digest, EVP_sha256(), nullptr) == 1);
}

sha256_bytes end(EVP_MD_CTX* digest) {
    sha256_bytes bytes{};
    require(EVP_DigestFinal_ex(digest, bytes.data(), nullptr) == 1);
    return bytes;
}

}  // namespace

content_hash::content_hash() : whole_(EVP_MD_CTX_new()), block_(EVP_MD_CTX_new()) {
    begin(whole_.get());
    begin(block_.get());
}

void content_hash::add(std::string_view bytes) {
    while (!bytes.empty()) {
        const std::size_t taken = std::min(bytes.size(), block_size - in_block_);
        require(EVP_DigestUpdate(block_.get(), bytes.data(), taken) == 1);
        in_block_ += taken;
        bytes.remove_prefix(taken);
        if (in_block_ == block_size) end_block();
    }
}

void content_hash::end_block() {
    const sha256_bytes block = end(block_.get());
    require(EVP_DigestUpdate(whole_.get(), block.data(), block.size()) == 1);
    begin(block_.get());
    in_block_ = 0;
}

std::string content_hash::finish() {
    if (in_block_ != 0) end_block();
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const unsigned char byte : end(whole_.get())) {
        text += digits[byte >> 4];
        text += digits[byte & 0xF];
    }
    return text;
}

std::string content_hash_of(std::string_view bytes) {
    content_hash hash;
    hash.add(bytes);
    return hash.finish();
}

task<std::string> content_hash_of(blob content) {
    content_hash hash;
    const std::uint64_t size = content.size();
    for (std::uint64_t at = 0; at < size;) {
        auto reading = content.read(at, read_size);
        const std::string bytes = co_await reading;
        if (bytes.empty()) throw failure(SLUICE_UNAVAILABLE, "the file ended early");
        hash.add(bytes);
        at += bytes.size();
    }
    co_return hash.finish();
}

}  // namespace sluice::dropbox
