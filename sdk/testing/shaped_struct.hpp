// A struct of the ABI as another host would hand it over.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <vector>

#include "guarded_bytes.hpp"
#include "sluice/testing/mock_host.hpp"

namespace sluice::testing {

// `Struct` starts with `size`. What a later host appends is filled with ones, so that a connector
// that takes it for something it knows does not find zeros by luck.
template <class Struct>
class shaped_struct {
  public:
    shaped_struct(const Struct& content, const mock_options& options) {
        if (options.smallest_structs) {
            guarded_.emplace(sizeof(Struct));
            at_ = guarded_->get();
        } else {
            longer_.assign((sizeof(Struct) + (options.later_structs ? later_bytes : 0)) / word,
                           ~std::uint64_t{0});
            at_ = longer_.data();
        }
        std::memcpy(at_, &content, sizeof(Struct));
        if (options.later_structs) get()->size += later_bytes;
    }

    Struct* get() const noexcept { return static_cast<Struct*>(at_); }

  private:
    static constexpr std::size_t word = sizeof(std::uint64_t);
    static constexpr std::uint32_t later_bytes = 64;
    static_assert(sizeof(Struct) % word == 0);

    std::optional<guarded_bytes> guarded_;
    std::vector<std::uint64_t> longer_;
    void* at_ = nullptr;
};

}  // namespace sluice::testing
