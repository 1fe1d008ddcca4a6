// An IP address as bytes, and which of them a host may be sent to by strangers.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sluice::net {

class ip_address {
  public:
    ip_address() = default;                                        // 0.0.0.0
    explicit ip_address(std::span<const std::uint8_t, 4> bytes);   // network order
    explicit ip_address(std::span<const std::uint8_t, 16> bytes);  // network order

    // Strict: "192.0.2.1" with four decimal parts, "2001:db8::1"; no brackets, no scope.
    static std::optional<ip_address> parse(std::string_view text);

    bool is_v6() const { return size_ == 16; }
    std::span<const std::uint8_t> bytes() const { return {bytes_.data(), size_}; }
    std::string to_text() const;

    friend bool operator==(const ip_address&, const ip_address&) = default;
    friend auto operator<=>(const ip_address&, const ip_address&) = default;

  private:
    std::size_t size_ = 4;
    std::array<std::uint8_t, 16> bytes_{};
};

// Whether both begin with the same `bits` bits. Of one family, `bits` at most its size.
bool has_prefix(std::span<const std::uint8_t> address, std::span<const std::uint8_t> network,
                unsigned bits);

// Why an address is not one of the public internet ("loopback", "private network", ...), or
// nullopt when it is. Pure. Addresses that carry an IPv4 address inside (NAT64, 6to4, Teredo) are
// judged by it as well; IPv4-mapped and IPv4-compatible ones are always refused.
std::optional<std::string_view> why_not_public(const ip_address& address);

}  // namespace sluice::net
