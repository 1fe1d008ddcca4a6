// What a server's line consists of (RFC 3501, 4): atoms, numbers, strings and lists of them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "imap_stream.hpp"

namespace sluice::mail {

struct imap_value {
    enum class kind_type : unsigned char { atom, string, list };
    kind_type kind = kind_type::atom;
    std::string text;  // NIL is an atom
    std::vector<imap_value> items;

    bool is(std::string_view atom) const;  // in any case
    std::uint64_t number() const;          // 0 when it is none
};

// What becomes of a literal of `size` bytes that follows `before` (the values of the line so far):
// true when its bytes went elsewhere and its text stays empty.
using literal_taker = std::function<bool(const std::vector<imap_value>& before, std::uint64_t size,
                                         imap_stream& from)>;

// One line of the server with its literals. `kept` grows by what all lines of one command take in
// memory; SLUICE_INVALID_INPUT when that is more than 64 MiB, or 4 MiB for a line.
std::vector<imap_value> read_values(imap_stream& from, const literal_taker& take,
                                    std::size_t& kept);

}  // namespace sluice::mail
