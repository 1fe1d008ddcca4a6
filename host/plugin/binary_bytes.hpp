// Bounds-checked reads of little-endian structures in hostile bytes (binary_elf.cpp,
// binary_pe.cpp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "plugin/binary_section.hpp"

namespace sluice::plugin {

class binary_bytes {
  public:
    explicit binary_bytes(std::string_view bytes) : bytes_(bytes) {}

    std::size_t size() const { return bytes_.size(); }

    // Nothing when the range does not lie inside the file.
    std::optional<std::string_view> slice(std::uint64_t offset, std::uint64_t size) const {
        if (offset > bytes_.size() || size > bytes_.size() - offset) return {};
        return bytes_.substr(offset, size);
    }

    // A number or a plain struct of numbers; 64-bit hosts that Sluice runs on are little-endian.
    template <class T>
    std::optional<T> read(std::uint64_t offset) const {
        const auto found = slice(offset, sizeof(T));
        if (!found) return {};
        T out;
        std::memcpy(&out, found->data(), sizeof(T));
        return out;
    }

    // A text that ends with NUL inside the file and is at most 4096 bytes long.
    std::optional<std::string> text(std::uint64_t offset) const {
        if (offset >= bytes_.size()) return {};
        const std::string_view window = bytes_.substr(offset, 4096);
        const auto end = window.find('\0');
        if (end == std::string_view::npos) return {};
        return std::string(window.substr(0, end));
    }

  private:
    std::string_view bytes_;
};

// Errors that both formats share.
base::error binary_cut_off(std::string_view where);
base::error binary_damaged(std::string_view where);

base::result<binary_facts> read_elf(const binary_bytes& bytes, std::string_view section);
base::result<binary_facts> read_pe(const binary_bytes& bytes, std::string_view section);

// Stores the section's content without the padding and the literal's own NUL.
void set_section(binary_facts& facts, std::string_view content);

}  // namespace sluice::plugin
