#include "poll_cursor.hpp"

#include <openssl/evp.h>

#include <array>
#include <sluice/failure.hpp>
#include <sluice/input.hpp>

namespace sluice::github {

json read_poll_cursor(const json& input) {
    if (input["cursor"].is_null()) return {};
    try {
        json cursor = json::parse(required_string(input, "cursor"));
        if (cursor.is_object()) return cursor;
    } catch (const json_error&) {
        // said below
    }
    throw failure(SLUICE_INVALID_INPUT, "'cursor' is not the cursor of an earlier call");
}

json poll_text(const json& cursor) { return json(cursor.dump()); }

bool starts_with_existing(const json& input) {
    const std::string start = input.get_or("start", "now");
    if (start != "now" && start != "existing") {
        throw failure(SLUICE_INVALID_INPUT, "'start' must be now or existing");
    }
    return start == "existing";
}

std::set<std::string> texts_of(const json& list) {
    std::set<std::string> texts;
    for (const json& one : list.items()) {
        if (one.is_string()) texts.insert(one.as_string());
    }
    return texts;
}

std::string version_of(const json& item) {
    constexpr std::string_view digits = "0123456789abcdef";
    constexpr std::size_t enough = 6;  // bytes: only versions of one second are told apart
    const std::string text = item.dump();
    std::array<unsigned char, 32> digest{};
    if (EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1) {
        throw failure(SLUICE_INTERNAL, "OpenSSL cannot compute a SHA-256");
    }
    std::string version = std::to_string(item.get_or("id", std::int64_t{0})) + ":";
    for (std::size_t i = 0; i < enough; ++i) {
        version += digits[digest[i] >> 4];
        version += digits[digest[i] & 0xF];
    }
    return version;
}

}  // namespace sluice::github
