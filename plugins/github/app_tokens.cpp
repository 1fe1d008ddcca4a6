#include "app_tokens.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <array>
#include <memory>
#include <sluice/encoding.hpp>
#include <sluice/failure.hpp>
#include <sluice/json.hpp>
#include <utility>

namespace sluice::github {
namespace {

constexpr std::int64_t life_seconds = 3600;      // of a token, says GitHub
constexpr std::int64_t margin_seconds = 300;     // a call may take that long
constexpr std::int64_t drift_seconds = 60;       // by which our clock may be ahead
constexpr std::int64_t statement_seconds = 540;  // GitHub takes at most 600
constexpr std::size_t most_tokens = 10'000;

using key_pointer = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using digest_pointer = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

// Base64 for addresses (RFC 4648, section 5), without padding.
std::string base64_url(std::string_view bytes) {
    std::string text = base64_encode(bytes);
    while (text.ends_with('='))
        text.pop_back();
    for (char& c : text) {
        if (c == '+') c = '-';
        if (c == '/') c = '_';
    }
    return text;
}

// Never asks on the terminal for a password.
int no_password(char*, int, int, void*) { return -1; }

key_pointer read_key(const std::string& pem) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> source(
        BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
    key_pointer key(
        source ? PEM_read_bio_PrivateKey(source.get(), nullptr, &no_password, nullptr) : nullptr,
        &EVP_PKEY_free);
    if (!key || EVP_PKEY_base_id(key.get()) != EVP_PKEY_RSA) {
        throw failure(
            SLUICE_INVALID_INPUT,
            "the connection's 'privateKey' must be an RSA key in PEM, without a password");
    }
    return key;
}

std::string sign(const std::string& text, const std::string& pem) {
    const key_pointer key = read_key(pem);
    const digest_pointer digest(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
    std::string signature(static_cast<std::size_t>(EVP_PKEY_size(key.get())), '\0');
    std::size_t size = signature.size();
    const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
    if (!digest ||
        EVP_DigestSignInit(digest.get(), nullptr, EVP_sha256(), nullptr, key.get()) != 1 ||
        EVP_DigestSign(digest.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                       bytes, text.size()) != 1) {
        throw failure(SLUICE_INVALID_INPUT, "the connection's 'privateKey' cannot sign");
    }
    signature.resize(size);
    return signature;
}

}  // namespace

std::string app_statement(const app_identity& app, std::int64_t now) {
    const json header{{"alg", "RS256"}, {"typ", "JWT"}};
    const json claims{{"iat", now - drift_seconds},
                      {"exp", now + statement_seconds - drift_seconds},
                      {"iss", app.app_id}};
    const std::string text = base64_url(header.dump()) + "." + base64_url(claims.dump());
    return text + "." + base64_url(sign(text, app.private_key));
}

std::string token_key(std::string_view base, const app_identity& app) {
    const json all = json::array({base, app.app_id, app.installation_id, app.private_key});
    const std::string text = all.dump();
    std::array<unsigned char, 32> digest{};
    if (EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1) {
        throw failure(SLUICE_INTERNAL, "OpenSSL cannot compute a SHA-256");
    }
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

std::optional<std::string> app_tokens::find(const std::string& key, std::int64_t now) {
    const std::lock_guard guard(mutex_);
    const auto found = tokens_.find(key);
    if (found == tokens_.end() || found->second.good_until < now) return std::nullopt;
    return found->second.token;
}

void app_tokens::keep(const std::string& key, std::string token, std::int64_t now) {
    const std::lock_guard guard(mutex_);
    if (tokens_.size() >= most_tokens) {
        std::erase_if(tokens_, [&](const auto& one) { return one.second.good_until < now; });
    }
    if (tokens_.size() >= most_tokens) tokens_.clear();
    tokens_[key] = {std::move(token), now + life_seconds - margin_seconds};
}

void app_tokens::forget(const std::string& key, const std::string& token) {
    const std::lock_guard guard(mutex_);
    const auto found = tokens_.find(key);
    if (found != tokens_.end() && found->second.token == token) tokens_.erase(found);
}

}  // namespace sluice::github
