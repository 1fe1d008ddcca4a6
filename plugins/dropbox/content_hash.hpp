// Dropbox's own hash of a file: the SHA-256 of the SHA-256 digests of its blocks of 4 MiB, in
// hexadecimal. https://www.dropbox.com/developers/reference/content-hash
#pragma once

#include <openssl/evp.h>

#include <cstddef>
#include <memory>
#include <sluice/blob.hpp>
#include <sluice/task.hpp>
#include <string>
#include <string_view>

namespace sluice::dropbox {

class content_hash {
  public:
    content_hash();

    void add(std::string_view bytes);
    // Ends the hash; nothing may be added any more.
    std::string finish();

  private:
    struct free_digest {
        void operator()(EVP_MD_CTX* digest) const noexcept { EVP_MD_CTX_free(digest); }
    };
    using digest = std::unique_ptr<EVP_MD_CTX, free_digest>;

    void end_block();

    digest whole_;
    digest block_;
    std::size_t in_block_ = 0;
};

std::string content_hash_of(std::string_view bytes);
// Reads the blob in pieces.
task<std::string> content_hash_of(blob content);

}  // namespace sluice::dropbox
