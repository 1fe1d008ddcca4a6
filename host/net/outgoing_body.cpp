#include "net/outgoing_body.hpp"

#include <array>
#include <charconv>
#include <utility>

namespace sluice::net {

outgoing_body::outgoing_body(std::shared_ptr<body_source> source, bool chunked)
    : source_(std::move(source)), length_(source_->length()), chunked_(chunked) {}

void outgoing_body::next(body_source::piece_function done) {
    source_->read(
        [self = shared_from_this(), done = std::move(done)](base::result<std::string> piece) {
            done(piece ? self->frame(*std::move(piece)) : std::move(piece));
        });
}

base::result<std::string> outgoing_body::frame(std::string piece) {
    given_ += piece.size();
    // A body of another length than announced would be read as the next message, or wait for ever.
    const bool wrong = length_ && (given_ > *length_ || (piece.empty() && given_ < *length_));
    if (wrong) {
        return base::make_error(base::error_code::internal,
                                "a body of " + std::to_string(*length_) + " bytes has " +
                                    (given_ > *length_ ? "more" : std::to_string(given_)));
    }
    ended_ = piece.empty() || (length_ && given_ == *length_);
    if (!chunked_) return piece;
    std::array<char, 20> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), piece.size(), 16);
    std::string framed;
    framed.reserve(piece.size() + 32);
    framed.append(digits.data(), end.ptr).append("\r\n").append(piece).append("\r\n");
    // The empty piece is itself the last chunk.
    if (ended_ && !piece.empty()) framed.append("0\r\n\r\n");
    return framed;
}

}  // namespace sluice::net
