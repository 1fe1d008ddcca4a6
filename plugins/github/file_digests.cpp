#include "file_digests.hpp"

#include <openssl/evp.h>

#include <array>
#include <cstdint>
#include <memory>
#include <sluice/failure.hpp>

namespace sluice::github {
namespace {

class digest {
  public:
    explicit digest(const EVP_MD* kind) : state_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {
        require(state_ && EVP_DigestInit_ex(state_.get(), kind, nullptr) == 1);
    }
    void add(std::string_view bytes) {
        require(EVP_DigestUpdate(state_.get(), bytes.data(), bytes.size()) == 1);
    }
    std::string finish() {
        constexpr std::string_view digits = "0123456789abcdef";
        std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
        unsigned size = 0;
        require(EVP_DigestFinal_ex(state_.get(), bytes.data(), &size) == 1);
        std::string text;
        for (unsigned i = 0; i < size; ++i) {
            text += digits[bytes[i] >> 4];
            text += digits[bytes[i] & 0xF];
        }
        return text;
    }

  private:
    static void require(bool worked) {
        if (!worked) throw failure(SLUICE_INTERNAL, "OpenSSL cannot compute a hash");
    }
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> state_;
};

}  // namespace

std::string git_file_id(std::string_view bytes) {
    digest hash(EVP_sha1());
    hash.add("blob " + std::to_string(bytes.size()) + std::string(1, '\0'));
    hash.add(bytes);
    return hash.finish();
}

task<std::string> asset_digest(blob content) {
    constexpr std::size_t piece = std::size_t{1} * 1024 * 1024;
    digest hash(EVP_sha256());
    const std::uint64_t size = content.size();
    for (std::uint64_t at = 0; at < size;) {
        auto reading = content.read(at, piece);
        const std::string bytes = co_await reading;
        if (bytes.empty()) throw failure(SLUICE_UNAVAILABLE, "the file ended early");
        hash.add(bytes);
        at += bytes.size();
    }
    co_return "sha256:" + hash.finish();
}

}  // namespace sluice::github
