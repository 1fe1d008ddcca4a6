#include "net/ip_address.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>

namespace sluice::net {

namespace ip = boost::asio::ip;

ip_address::ip_address(std::span<const std::uint8_t, 4> bytes) : size_(4) {
    std::copy(bytes.begin(), bytes.end(), bytes_.begin());
}

ip_address::ip_address(std::span<const std::uint8_t, 16> bytes) : size_(16) {
    std::copy(bytes.begin(), bytes.end(), bytes_.begin());
}

std::optional<ip_address> ip_address::parse(std::string_view text) {
    // Longer than any address; also keeps out scopes ("%eth0") and anything with a NUL.
    if (text.size() > 45 || text.find_first_of(std::string_view("%\0", 2)) != text.npos) {
        return std::nullopt;
    }
    boost::system::error_code problem;
    const auto parsed = ip::make_address(std::string(text), problem);
    if (problem) return std::nullopt;
    if (parsed.is_v4())
        return ip_address(std::span<const std::uint8_t, 4>(parsed.to_v4().to_bytes()));
    return ip_address(std::span<const std::uint8_t, 16>(parsed.to_v6().to_bytes()));
}

std::string ip_address::to_text() const {
    if (is_v6()) {
        ip::address_v6::bytes_type bytes;
        std::copy(bytes_.begin(), bytes_.end(), bytes.begin());
        return ip::address_v6(bytes).to_string();
    }
    ip::address_v4::bytes_type bytes;
    std::copy_n(bytes_.begin(), 4, bytes.begin());
    return ip::address_v4(bytes).to_string();
}

bool has_prefix(std::span<const std::uint8_t> address, std::span<const std::uint8_t> network,
                unsigned bits) {
    const auto whole = bits / 8;
    if (!std::equal(address.begin(), address.begin() + whole, network.begin())) return false;
    if (bits % 8 == 0) return true;
    const auto mask = static_cast<std::uint8_t>(0xff << (8 - bits % 8));
    return ((address[whole] ^ network[whole]) & mask) == 0;
}

}  // namespace sluice::net
