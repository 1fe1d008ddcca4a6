// Which addresses belong to the public internet: the IANA special-purpose registries as tables.
#include <algorithm>
#include <array>

#include "net/ip_address.hpp"

namespace sluice::net {

namespace {

struct v4_block {
    std::array<std::uint8_t, 4> network;
    unsigned bits;
    std::string_view name;
};

struct v6_block {
    std::array<std::uint8_t, 16> network;
    unsigned bits;
    std::string_view name;
};

constexpr auto special_v4 = std::to_array<v4_block>({
    {{0, 0, 0, 0}, 8, "an unspecified address"},
    {{10, 0, 0, 0}, 8, "a private network"},
    {{100, 64, 0, 0}, 10, "a carrier's shared network"},
    {{127, 0, 0, 0}, 8, "the machine itself (loopback)"},
    {{169, 254, 0, 0}, 16, "a link-local address"},
    {{172, 16, 0, 0}, 12, "a private network"},
    {{192, 0, 0, 0}, 24, "a protocol assignment"},
    {{192, 0, 2, 0}, 24, "a documentation network"},
    {{192, 88, 99, 0}, 24, "a 6to4 relay"},
    {{192, 168, 0, 0}, 16, "a private network"},
    {{198, 18, 0, 0}, 15, "a benchmark network"},
    {{198, 51, 100, 0}, 24, "a documentation network"},
    {{203, 0, 113, 0}, 24, "a documentation network"},
    {{224, 0, 0, 0}, 4, "a multicast address"},
    {{240, 0, 0, 0}, 4, "a reserved or broadcast address"},
});

// What lies inside 2000::/3, the only block of public unicast addresses.
constexpr auto special_v6 = std::to_array<v6_block>({
    {{0x20, 0x01, 0x0d, 0xb8}, 32, "a documentation network"},
    {{0x3f, 0xff}, 20, "a documentation network"},
});

std::optional<std::string_view> judge_v4(std::span<const std::uint8_t> bytes) {
    for (const auto& block : special_v4) {
        if (has_prefix(bytes, block.network, block.bits)) return block.name;
    }
    return std::nullopt;
}

bool begins(std::span<const std::uint8_t> bytes, std::initializer_list<std::uint8_t> start) {
    return std::equal(start.begin(), start.end(), bytes.begin());
}

bool zeros(std::span<const std::uint8_t> bytes) {
    return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0; });
}

std::optional<std::string_view> judge_v6(std::span<const std::uint8_t> bytes) {
    if (zeros(bytes.first(15)) && bytes[15] == 0) return "an unspecified address";
    if (zeros(bytes.first(15)) && bytes[15] == 1) return "the machine itself (loopback)";
    if (zeros(bytes.first(12))) return "an IPv4-compatible address";
    if (zeros(bytes.first(10)) && bytes[10] == 0xff && bytes[11] == 0xff) {
        return "an IPv4-mapped address";
    }
    if (begins(bytes, {0x00, 0x64, 0xff, 0x9b}) && zeros(bytes.subspan(4, 8))) {
        return judge_v4(bytes.subspan(12, 4));  // NAT64: leads to that IPv4 address
    }
    if (bytes[0] == 0xff) return "a multicast address";
    if (bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80) return "a link-local address";
    if (bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0xc0) return "a site-local address";
    if ((bytes[0] & 0xfe) == 0xfc) return "a private network";
    if ((bytes[0] & 0xe0) != 0x20) return "outside of the public address space";
    for (const auto& block : special_v6) {
        if (has_prefix(bytes, block.network, block.bits)) return block.name;
    }
    if (begins(bytes, {0x20, 0x02})) return judge_v4(bytes.subspan(2, 4));  // 6to4
    if (begins(bytes, {0x20, 0x01, 0x00, 0x00})) {                          // Teredo
        std::array<std::uint8_t, 4> client{};
        for (std::size_t i = 0; i < 4; ++i) {
            client[i] = static_cast<std::uint8_t>(bytes[12 + i] ^ 0xff);
        }
        if (auto server = judge_v4(bytes.subspan(4, 4))) return server;
        return judge_v4(client);
    }
    if (has_prefix(bytes, std::array<std::uint8_t, 16>{0x20, 0x01}, 23)) {
        return "a protocol assignment";
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::string_view> why_not_public(const ip_address& address) {
    return address.is_v6() ? judge_v6(address.bytes()) : judge_v4(address.bytes());
}

}  // namespace sluice::net
